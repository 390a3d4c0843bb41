from __future__ import annotations

import collections

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import knn, scores


@pytest.mark.parametrize(
    ("neighbours", "nearest", "paper"),
    [
        ("aab", "a", "a"),
        ("baa", "a", "a"),
        ("bbaa", "b", "a"),  # a tie: the nearest member decides, or the alphabet
        ("cbab", "b", "b"),
        ("cbabc", "c", "b"),
        ("cab", "c", "c"),  # all differ
        ("c", "c", "c"),
    ],
)
def test_vote(neighbours, nearest, paper):
    labels = np.array([list(neighbours)])
    assert scores.vote(labels).tolist() == [nearest]
    assert scores.vote(labels, "paper").tolist() == [paper]


@hypothesis.given(st.lists(st.integers(0, 3), min_size=1, max_size=11))
def test_vote_is_the_first_of_the_most_frequent(labels):
    counts = collections.Counter(labels)
    expected = next(label for label in labels if counts[label] == max(counts.values()))
    assert scores.vote([labels]).tolist() == [expected]


@pytest.mark.parametrize("labels", [[], [[]], ["a"]])
def test_vote_needs_neighbours(labels):
    with pytest.raises(errors.TableError, match=r"shape \[Q, k\]"):
        scores.vote(labels)


def test_unknown_rule_for_ties():
    with pytest.raises(
        errors.ConfigError, match=r"no rule for ties 'papier'\. Did you mean 'paper'"
    ):
        scores.vote([["a"]], "papier")


TRUTH, PREDICTED = list("aaaabb"), list("aaabbc")


def test_accuracies():
    assert scores.accuracy(TRUTH, PREDICTED) == 4 / 6
    assert scores.recalls(TRUTH, PREDICTED) == {"a": 3 / 4, "b": 1 / 2}
    assert scores.balanced_accuracy(TRUTH, PREDICTED) == (3 / 4 + 1 / 2) / 2


def test_confusion():
    classes, counts = scores.confusion(TRUTH, PREDICTED)
    assert classes == ("a", "b", "c")
    assert counts.tolist() == [[3, 1, 0], [0, 1, 1], [0, 0, 0]]


@pytest.mark.parametrize("score", [scores.accuracy, scores.balanced_accuracy, scores.confusion])
def test_scores_need_as_many_predictions(score):
    with pytest.raises(errors.TableError, match="predicted has 1 value, expected 2"):
        score(["a", "b"], ["a"])
    with pytest.raises(errors.TableError, match="no sample"):
        score([], [])


def test_classify():
    train = [[0.0], [1.0], [2.0], [10.0], [11.0]]
    predicted = knn.classify(train, list("aabbb"), [[0.4], [9.0]], k=3)
    assert predicted.tolist() == ["a", "b"]


def test_leave_one_out_ignores_the_sample_but_not_its_duplicate():
    """The duplicate at row 0 has another label: it alone votes for row 1."""
    features = [[1.0], [1.0], [5.0], [6.0]]
    predicted = knn.leave_one_out(features, list("abcc"), ["w", "x", "y", "z"], k=1)
    assert predicted.tolist() == ["b", "a", "c", "c"]


def test_one_class_is_an_error():
    with pytest.raises(errors.ConfigError, match="two classes at least"):
        knn.classify([[1.0], [2.0]], ["a", "a"], [[1.0]], k=1)


def test_k_above_the_set_is_an_error():
    with pytest.raises(errors.ConfigError, match="between 1 and 2 rows, not 3"):
        knn.classify([[1.0], [2.0]], ["a", "b"], [[1.0]], k=3)
    with pytest.raises(errors.ConfigError, match="fewer than k = 2"):
        knn.leave_one_out([[1.0], [2.0]], ["a", "b"], ["x", "y"], k=2)
