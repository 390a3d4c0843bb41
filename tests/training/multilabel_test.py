from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from cytoimagenet_tfds.training import multilabel

CLASSES = ["a", "b", "c", "empty"]


@pytest.fixture(scope="module")
def drawn():
    generator = np.random.default_rng(0)
    true = generator.random((50, 4)) < [0.5, 0.2, 0.1, 0]
    found = np.round(generator.random((50, 4)) * 0.5 + 0.3 * true, 1)
    table = pd.DataFrame({
        "key": [str(n) for n in range(50)],
        "labels": [[CLASSES[n] for n in np.flatnonzero(row)] for row in true],
        "probabilities": found.tolist(),
    })  # fmt: skip
    return true, found, table


def test_scores_are_those_of_scikit_learn(drawn):
    true, found, table = drawn
    scored = multilabel.score(table, CLASSES)
    said = found >= 0.5
    zero = {"zero_division": 0}
    assert scored.macro_f1 == pytest.approx(metrics.f1_score(true, said, average="macro", **zero))
    assert scored.micro_f1 == pytest.approx(metrics.f1_score(true, said, average="micro", **zero))
    for n, name in enumerate(CLASSES):
        row = scored.classes.set_index("label").loc[name]
        assert row["precision"] == pytest.approx(
            metrics.precision_score(true[:, n], said[:, n], **zero)
        )
        assert row["recall"] == pytest.approx(metrics.recall_score(true[:, n], said[:, n], **zero))


def test_average_precision_counts_equal_scores_at_once(drawn):
    true, found, _ = drawn
    for n in range(3):
        expected = metrics.average_precision_score(true[:, n], found[:, n])
        assert multilabel.average_precision(true[:, n], found[:, n]) == pytest.approx(expected)
    assert np.isnan(multilabel.average_precision(true[:, 3], found[:, 3]))


def test_the_mean_leaves_out_classes_without_images(drawn):
    _, _, table = drawn
    scored = multilabel.score(table, CLASSES)
    values = scored.classes["average_precision"]
    assert scored.mean_average_precision == pytest.approx(values[:3].mean())
    assert scored.summary()["classes"] == 4
