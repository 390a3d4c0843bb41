"""Charts and pictures of the protein atlas, looked at as figures."""

from __future__ import annotations

import hpa_folder
import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds.training import plots
from cytoimagenet_tfds.training.hpa import charts, side_by_side

pytest.importorskip("matplotlib", reason="needs the extra viz")


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draws, and returns the figure in place of the file."""

    def draw(function, *args, **options):
        found = []
        monkeypatch.setattr(plots, "save", lambda figure, path: found.append(figure))
        function(*args, tmp_path / "x.png", **options)
        found[0].draw_without_rendering()
        return found[0]

    return draw


def test_a_legend_hides_no_number(drawn):
    figure = drawn(lambda path: charts.draw_counts("abc", [49, 8, 40], path, after=[57, 49, 49]))
    [axes], [legend] = figure.axes, figure.legends
    box = legend.get_window_extent()
    assert not any(box.overlaps(text.get_window_extent()) for text in axes.texts)
    assert len(axes.texts) == 6


def test_thresholds_are_told_in_words(drawn):
    table = pd.DataFrame({"label": ["a", "b"], "images": [3, 1], "f1": [0.5, 1.0]})
    ways = ("half", "constant", "per_label", "by_share", "mine")
    figure = drawn(charts.draw_scores, dict.fromkeys(ways, table))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names[:2] == ["0.5 for all labels", "one value for all labels"]
    assert names[-1] == "mine"
    assert not any("_" in name for name in names)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["a (3)", "b (1)"]


def test_the_enlarged_part_is_where_the_protein_is():
    plane = np.zeros((80, 40), np.uint8)
    plane[62:70, 2:6] = 200
    corner = side_by_side.richest(plane, 0.25)
    found = side_by_side.part(plane, corner, 0.25)
    assert found.shape == (20, 10)
    assert (found == 200).sum() == 32


@pytest.mark.parametrize("sides", [(40, 160), (40, 80, 160), (3, 160)])
def test_resolutions_show_the_same_part_of_every_size(drawn, sides):
    images = [hpa_folder.image(3, (0, 23), side) for side in sides]
    figure = drawn(lambda path: side_by_side.draw_resolutions(images, path, "cell"))
    columns = np.reshape(figure.axes, (3, len(sides))).tolist()
    for whole, enlarged, grey, side in zip(*columns, sides, strict=True):
        [outer, frame] = [patch.get_bbox() for patch in whole.patches]
        assert outer.bounds == frame.bounds
        shape = enlarged.images[0].get_array().shape
        assert (frame.height, frame.width) == shape[:2]
        assert frame.y0 / side == pytest.approx(
            columns[0][-1].patches[0].get_y() / sides[-1], abs=0.2
        )
        assert grey.images[0].get_array().shape == shape[:2]
    title = figure.get_suptitle()
    assert title.startswith("cell\n")
    assert "green: the protein" in title


def test_compositions_name_their_image(drawn):
    image = hpa_folder.image(3, (0, 23), 40)
    figure = drawn(lambda path: side_by_side.draw_compositions(image, path, "cell"))
    assert figure.get_suptitle().startswith("cell: its four stains")
    assert len(figure.axes) == 8
