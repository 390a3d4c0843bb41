from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds.training.hpa import published, report

NAMES = ("Nucleoplasm", "Nuclear membrane", "Cytosol")
TRUE = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=bool)
GOOD = np.where(TRUE, 0.3, 0.1)
SHARES = TRUE.mean(axis=0)


def outputs(found=GOOD):
    return report.Outputs(TRUE, found)


def test_thresholds_come_from_the_validation_split():
    ways = report.choose(outputs(), outputs(GOOD / 2), SHARES)
    assert list(ways) == ["half", "constant", "per_label", "by_share"]
    np.testing.assert_allclose(ways["per_label"], 0.2)
    np.testing.assert_allclose(ways["by_share"], 0.15)


def test_scores_of_all_and_of_the_first_nine_labels():
    ways = {"half": np.full(3, 0.5), "per_label": np.full(3, 0.2)}
    table = report.summarize(outputs(), NAMES, ways).set_index(["thresholds", "labels"])
    assert table.loc[("half", "3 labels"), "macro_f1"] == 0
    assert table.loc[("per_label", "3 labels"), "macro_f1"] == 1
    every = table.loc[(report.EVERY_LABEL, "3 labels"), "macro_f1"]
    assert every == pytest.approx(np.mean([6 / 7, 2 / 5, 2 / 5]))
    # Cytosol, number 25, is not among the first nine.
    every = table.loc[(report.EVERY_LABEL, published.FIRST_9), "macro_f1"]
    assert every == pytest.approx(np.mean([6 / 7, 2 / 5]))


def test_published_rows_are_marked():
    summary = pd.DataFrame({"thresholds": ["half"], "labels": ["28 labels"], "macro_f1": [0.5]})
    table = report.comparison(summary, "hpa_paper")
    assert table["source"].str.startswith("published").sum() == len(table) - 1
    assert table.iloc[-1].tolist() == [
        "hpa_paper, thresholds: half", "28 labels", 50.0, "this run, its own test split",
    ]  # fmt: skip
    rows = table.set_index(["method", "labels"])["macro_f1"]
    assert rows["DenseNet-121, 512 pixels", "28 labels"] == 39.87
    assert rows["DenseNet-121, high resolution", "first 9 labels"] == 61.39
