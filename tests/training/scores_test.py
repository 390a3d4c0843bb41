from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds.training import plots, scores

PREDICTIONS = pd.DataFrame(
    [
        ("k1", "a", "gene", "a", 0.9, 1),
        ("k2", "a", "gene", "b", 0.6, 2),
        ("k3", "b", "compound", "a", 0.5, 3),
        ("k4", "b", "compound", "a", 0.95, 2),
        ("k5", "c", "compound", "c", 1.0, 1),
    ],
    columns=["key", "label", "category", "predicted", "probability", "rank"],
)


@pytest.fixture
def found():
    return scores.score(PREDICTIONS, ["a", "b", "c", "empty"], 2)


def test_accuracy_and_top_k(found):
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.top_k == {2: pytest.approx(4 / 5)}


def test_classes_with_those_that_have_no_image(found):
    table = found.classes.set_index("label")
    assert table["images"].to_dict() == {"a": 2, "b": 2, "c": 1, "empty": 0}
    assert table["right"].to_dict() == {"a": 1, "b": 0, "c": 1, "empty": 0}
    assert table.loc[["a", "b", "c"], "accuracy"].tolist() == [0.5, 0, 1]
    assert np.isnan(table.loc["empty", "accuracy"])
    assert table["top"].tolist()[:3] == [1, 0.5, 1]
    assert table["category"].to_dict() == {
        "a": "gene",
        "b": "compound",
        "c": "compound",
        "empty": "",
    }


def test_none_right_counts_only_classes_with_images(found):
    assert found.none_right["label"].tolist() == ["b"]
    assert found.summary()["none_right_by_category"] == {"compound": 1}
    assert found.summary()["classes_with_images"] == 3


def test_categories(found):
    table = found.categories.set_index("category")
    assert table["accuracy"].to_dict() == {"compound": pytest.approx(1 / 3), "gene": 0.5}


def test_confusions_are_ordered(found):
    pairs = found.confusions[["label", "predicted", "images"]].to_numpy().tolist()
    assert pairs == [["b", "a", 2], ["a", "b", 1]]
    assert found.confusions["share"].tolist() == [1.0, 0.5]


def test_calibration():
    table = scores.calibration([0.05, 0.15, 0.95, 1.0], [False, True, True, False], bins=10)
    assert table["images"].tolist() == [1, 1, 2]
    assert table["low"].tolist() == pytest.approx([0, 0.1, 0.9])
    assert table["confidence"].tolist() == pytest.approx([0.05, 0.15, 0.975])
    assert table["accuracy"].tolist() == [0, 1, 0.5]


def test_calibration_error_weighs_bins_by_images(found):
    # Bins of 1/15: 0.5 | 0.6 | 0.9 | 0.95 and 1.0 together, of which one is right.
    expected = (0.5 + 0.6 + 0.1 + 2 * abs(0.975 - 0.5)) / 5
    assert found.calibration_error == pytest.approx(expected)


def test_plots_are_written(found, tmp_path):
    rows = [
        {"epoch": n, "loss": 2.0 - n, "accuracy": 0.1 * n, "val_loss": 2.0, "val_accuracy": 0.1}
        for n in range(2)
    ]
    plots.draw_history(rows, tmp_path / "history.png")
    plots.draw_class_accuracy(found, tmp_path / "classes.png")
    plots.draw_calibration(found, tmp_path / "calibration.png")
    plots.draw_confusions(PREDICTIONS, found, tmp_path / "confusions.png")
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes().startswith(b"\x89PNG"), path
    assert len(list(tmp_path.iterdir())) == 4
    assert plots.most_confused(found) == ["a", "b"]


def test_no_confusion_no_matrix(tmp_path):
    right = PREDICTIONS[PREDICTIONS["label"] == PREDICTIONS["predicted"]]
    plots.draw_confusions(right, scores.score(right, ["a", "c"], 1), tmp_path / "confusions.png")
    assert not list(tmp_path.iterdir())


def test_plots_say_what_they_show(found, tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(plots, "save", lambda figure, path: figures.append(figure))
    rows = [{"epoch": 0, "loss": 2.0, "macro_f1": 0.1, "val_loss": 2.0, "val_macro_f1": 0.1}]
    plots.draw_history(rows, tmp_path)
    plots.draw_calibration(found, tmp_path)
    plots.draw_confusions(PREDICTIONS, found, tmp_path)
    plots.draw_class_accuracy(found, tmp_path)
    history, calibration, confusions, classes = figures
    assert [axes.get_ylabel() for axes in history.axes] == ["loss", "macro F1"]
    styles = {line.get_label(): line.get_linestyle() for line in history.axes[0].lines}
    assert styles == {"training": "-", "validation": "--"}
    assert ", 5 validation images\n" in calibration.axes[0].get_title()
    assert confusions.axes[0].get_title() == "The 2 classes confused most, of 4 classes"
    assert classes.axes[0].get_title() == "3 classes, 1 with none right"
