from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.figures import embedding, material, style

pytestmark = pytest.mark.usefixtures("placed")


def _given(by=(), count=60, **columns):
    """A material of images `k0`, `k1` ... whose features are their number."""
    keys = [f"k{number}" for number in range(count)]
    table = pd.DataFrame({"key": keys, **columns})
    numbers = dict(zip(keys, range(count), strict=True))
    return material.Material(
        features=(lambda keys: np.array([[numbers[k], 0] for k in keys], np.float32), "a test"),
        feature_keys=keys, facts=lambda: table, by=by,
    )  # fmt: skip


def _axes(given):
    with style.settings():
        figure = embedding.draw_embedding(given)
    return figure, [axes for axes in figure.axes if axes.get_title(loc="left")]


def _legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_usual_columns_that_are_there():
    figure, panels = _axes(
        _given(label=["a", "b"] * 30, dir_name=["x", "y", "y"] * 20, scaling=[1.0, 0.5, 0.25] * 20)
    )
    assert [axes.get_title(loc="left") for axes in panels] == ["by label", "by source", "by scale"]
    assert [_legend(axes) for axes in panels] == [["a", "b"], ["x", "y"], ["whole", "1/2", "1/4"]]
    assert figure.get_suptitle() == "UMAP of a test: 60 of 60 images"
    first = panels[0].collections[0].get_offsets()
    assert first[:, 0].tolist() == list(range(0, 60, 2))


def test_a_usual_column_that_tells_nothing_apart_is_said_in_the_title():
    usual = {"label": ["a", "b"] * 30, "dir_name": "x", "scaling": 1.0}
    figure, [axes] = _axes(_given(**usual))
    assert axes.get_title(loc="left") == "by label"
    title = figure.get_suptitle().replace("\n", " ")
    assert title == "UMAP of a test: 60 of 60 images; the same for all: source x, scale whole"
    _, panels = _axes(_given(by=("label", "source"), **usual))  # asked for: shown
    assert [_legend(axes) for axes in panels] == [["a", "b"], ["x"]]


def test_columns_by_name_and_rare_values_share_one_look():
    plates = [f"p{number:02d}" for number in range(30)] * 2
    _, [axes] = _axes(_given(by=("plate",), plate=plates, label="a"))
    assert _legend(axes)[0] == "10 others"
    assert len(_legend(axes)) == 21
    assert sum(len(part.get_offsets()) for part in axes.collections) == 60


def test_numbers_have_a_scale_of_colours():
    figure, [axes] = _axes(_given(by=("concentration",), concentration=np.linspace(0, 3, 60)))
    assert axes.get_legend() is None
    assert len(figure.axes) == 2
    assert axes.collections[0].get_array().max() == 3


def test_of_many_classes_some_are_shown():
    labels = [f"class {number}" for number in range(30)] * 4
    figure, [axes] = _axes(_given(label=labels, count=120))
    assert len(_legend(axes)) == 20
    assert figure.get_suptitle() == "UMAP of a test: 80 of 120 images"


def test_images_without_features_are_left_out():
    given = _given(label="a")
    given.feature_keys = given.feature_keys[:20]
    figure, _ = _axes(given)
    assert re.search("20 of 20 images", figure.get_suptitle())
    given.feature_keys = ["of another dataset"]
    with pytest.raises(errors.ConfigError, match="of other images"):
        _axes(given)


def test_what_is_missing_is_said():
    with pytest.raises(errors.ConfigError, match="Did you mean 'plate'"):
        _axes(_given(by=("plat",), plate="p"))
    with pytest.raises(material.UnavailableError, match="--by which columns to show: plate"):
        _axes(_given(plate="p"))
    with pytest.raises(material.UnavailableError, match="--features"):
        embedding.draw_embedding(material.Material())
    given = _given(label="a")
    given.facts = None
    with pytest.raises(material.UnavailableError, match="--metadata"):
        _axes(given)
