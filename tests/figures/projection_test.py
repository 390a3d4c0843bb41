from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds.figures import clusters, material, projection, simple, style


def test_projection_takes_some_images_of_each_class(given):
    table = projection.chosen(given)
    assert table["label"].nunique() == 13
    assert table["label"].value_counts().max() <= 60


def test_projection_before_and_after_crops(given, placed):
    with style.settings():
        figure = projection.draw_umap(given)
    assert len(figure.axes) == 6
    before, after = figure.axes[0], figure.axes[3]
    assert before.get_ylabel() == "before crops: 203 images"
    assert after.get_ylabel() == "as in the dataset: 333 images"
    count = [sum(len(part.get_offsets()) for part in axes.collections) for axes in (before, after)]
    assert count == [203, 333]
    labels = {text.get_text() for text in figure.axes[5].get_legend().get_texts()}
    assert labels == {"whole", "1/2", "1/4"}


def test_a_value_has_one_look_before_and_after_crops(given, placed, monkeypatch):
    after = projection.after(given)
    cropped = after.table["scale"] != "whole"
    some = dataclasses.replace(after, table=after.table[cropped], places=after.places[cropped])
    monkeypatch.setattr(projection, "after", lambda given: some)
    with style.settings():
        figure = projection.draw_umap(given)
    looks = [
        {part.get_label(): part.get_facecolor().tolist() for part in axes.collections}
        for axes in (figure.axes[2], figure.axes[5])
    ]
    assert looks[0] == looks[1]
    assert set(looks[0]) == {"whole", "1/2", "1/4"}


def test_without_crops_there_is_one_stage_and_the_title_says_what_all_share(given, placed):
    own = dataclasses.replace(given)
    table = given.examples.assign(scaling=1.0, dir_name="bbbc006")
    own.__dict__.update(examples=table, plan=given.plan)
    with style.settings():
        figure = projection.draw_umap(own)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["by label"]
    title = figure.get_suptitle().replace("\n", " ")
    assert title.endswith("; the same for all: source bbbc006, scale whole")


def test_names_are_as_long_as_their_panel_allows(given):
    names = {"a name of thirty-two characters x": ("k", "o")}
    with style.settings():
        for width, whole in ((2.4, False), (4.2, True)):
            axes = style.new(width, 2).subplots()
            projection.scatter(axes, np.zeros((1, 2)), pd.Series(["a"]), names, width)
            assert (axes.collections[0].get_label() in names) == whole


def test_given_features_are_taken_where_all_images_have_them(given, placed):
    lookup = {key: [number, 0] for number, key in enumerate(given.examples["key"])}

    def features(keys):
        found = [lookup.get(key) for key in keys]
        return None if None in found else np.array(found, np.float32)

    own = dataclasses.replace(given, features=(features, "features of a test"))
    own.__dict__.update(examples=given.examples, plan=given.plan)
    with style.settings():
        figure = projection.draw_umap(own)
        assert "features of a test" in figure.get_suptitle()
        assert len(figure.axes) == 3  # source images have none
        own.features = (lambda keys: None, "nothing")
        with pytest.raises(material.UnavailableError, match="some of the images have no features"):
            projection.draw_umap(own)


def test_clusters_show_their_images(given, placed):
    with style.settings():
        figure = clusters.draw_clusters(given)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert re.search(r" images in \d+ clusters(\ngrey: \d+ smaller clusters?)?$", titles[0])
    assert any(re.match(r"\d+ images: \w+", title) for title in titles)
    shown = [int(re.match(r"\d+", title).group()) for title in titles]
    assert sum(shown[1:]) <= shown[0] == 333


def test_images_in_no_cluster_are_shown_too(given, placed, monkeypatch):
    found = np.where(np.arange(333) < 40, 0, -1)
    monkeypatch.setattr(clusters, "_found", lambda places: found)
    with style.settings():
        titles = [axes.get_title(loc="left") for axes in clusters.draw_clusters(given).axes]
    assert titles[0] == "333 images in 1 cluster"
    assert titles[1].startswith("40 images: ")
    assert titles[2].startswith("293 images in no cluster: ")


def test_clusters_without_images_beside_them_are_grey_and_counted(given, placed, monkeypatch):
    monkeypatch.setattr(clusters, "_found", lambda places: np.arange(333) % 8)
    with style.settings():
        figure = clusters.draw_clusters(given)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "333 images in 8 clusters\ngrey: 2 smaller clusters"
    assert len(titles) == 1 + 6
    assert titles[1].endswith(", …")
    marks = [axes.lines[0].get_color() for axes in figure.axes[1:]]
    assert marks == list(style.COLOURS[:6])


def test_simple_features_are_standardized_and_finite():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (20 + n, 30), dtype=np.uint8) for n in range(6)]
    found = simple.features([*images, np.zeros((5, 5), np.uint8)])
    assert found.shape == (7, 48)
    assert np.isfinite(found).all()
    assert np.allclose(found.mean(axis=0), 0, atol=1e-5)
