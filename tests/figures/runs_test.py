from __future__ import annotations

import figure_parts
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.figures import material, runs, style, transfer


def test_history_and_diversity(files):
    own = material.Material(**files)
    with style.settings():
        loss, _ = runs.draw_history(own).axes
        diversity = runs.draw_diversity(own)
    assert loss.lines[1].get_ydata().tolist() == [2.5, 2]
    assert loss.lines[1].get_xdata().tolist() == [1, 2]
    assert "1 of 2 classes" in figure_parts.texts(diversity)[-2]


def test_accuracy_by_weights_and_method(files, tmp_path):
    second = figure_parts.results(tmp_path / "merge.json", "merge-norm", 0.25)
    own = material.Material(results=(*files["results"], second))
    with style.settings():
        figure = transfer.draw_accuracy(own)
    left, right = figure.axes
    assert left.get_title(loc="left") == "bbbc021 nsc (n = 103)"
    assert [line.get_xdata().tolist() for line in right.lines] == [[50, 50], [25, 25]]
    assert [text.get_text() for text in left.get_yticklabels()] == ["random", "pixels"]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["concat-norm, default", "merge-norm, default"]


def test_results_of_something_else(files):
    own = material.Material(results=(files["history"],))
    with pytest.raises(errors.TableError, match=r"no results\.json of `cytoimagenet evaluate`"):
        transfer.draw_accuracy(own)


def test_a_table_of_another_kind_is_named(files):
    own = material.Material(history=files["distances"])
    with pytest.raises(errors.TableError, match="has no column epoch, loss, val_loss"):
        runs.draw_history(own)
