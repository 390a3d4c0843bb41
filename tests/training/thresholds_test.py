from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds.training import multilabel, thresholds

TRUE = np.array([[1, 0], [1, 0], [0, 0], [0, 1]], dtype=bool)
FOUND = np.array([[0.9, 0.1], [0.3, 0.2], [0.2, 0.05], [0.1, 0.15]])


def f1(true, found, threshold):
    names = [str(n) for n in range(true.shape[1])]
    return multilabel.score_arrays(true, found, names, threshold)


def test_each_class_gets_the_threshold_of_its_best_f1():
    found = thresholds.per_class(TRUE, FOUND)
    np.testing.assert_allclose(found, [0.25, 0.125])
    np.testing.assert_allclose(f1(TRUE, FOUND, found).classes["f1"], [1.0, 2 / 3])


def test_one_threshold_for_all():
    found = thresholds.constant(TRUE, FOUND)
    assert found == 0.11  # the first of 0.11 to 0.15, which all give 0.8 and 2/3
    np.testing.assert_allclose(f1(TRUE, FOUND, found).macro_f1, (0.8 + 2 / 3) / 2)


def test_shares_decide_without_labels():
    found = thresholds.by_share(FOUND, np.array([0.5, 0.25]))
    np.testing.assert_array_equal((found <= FOUND).sum(axis=0), [2, 1])
    assert thresholds.by_share(FOUND, np.array([0.0, 1.0])).tolist() == [1.01, 0.05]


def test_a_class_without_images_is_never_said():
    assert thresholds.per_class(np.zeros((4, 2), bool), FOUND).tolist() == [1.01, 1.01]


@given(st.integers(0, 10**6))
def test_no_single_threshold_beats_that_of_the_class(seed):
    rng = np.random.default_rng(seed)
    true, found = rng.random((12, 1)) < 0.4, np.round(rng.random((12, 1)), 1)
    best = f1(true, found, thresholds.per_class(true, found)).macro_f1
    assert best == pytest.approx(max(f1(true, found, step / 20).macro_f1 for step in range(21)))


def test_scores_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    true, found = rng.random((60, 5)) < 0.3, rng.random((60, 5))
    limits = rng.random(5)
    scores = f1(true, found, limits)
    said = found >= limits
    for name, average in (("macro_f1", "macro"), ("micro_f1", "micro")):
        assert getattr(scores, name) == pytest.approx(metrics.f1_score(true, said, average=average))
    precision, recall, _, _ = metrics.precision_recall_fscore_support(true, said)
    np.testing.assert_allclose(scores.classes["precision"], precision)
    np.testing.assert_allclose(scores.classes["recall"], recall)
