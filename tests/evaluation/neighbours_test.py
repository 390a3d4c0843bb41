from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as stnp

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import SameKey, nearest_neighbours


def reference(train, query, k, metric, excluded=None):
    """The plain double loop, in float64."""
    train, query = np.asarray(train, np.float64), np.asarray(query, np.float64)
    if metric == "cosine":
        train = train / np.linalg.norm(train, axis=1, keepdims=True)
        query = query / np.linalg.norm(query, axis=1, keepdims=True)
    squares = ((query[:, None] - train[None]) ** 2).sum(axis=2)
    if excluded is not None:
        squares[excluded] = np.inf
    numbers = np.broadcast_to(np.arange(len(train)), squares.shape)
    order = np.lexsort((numbers, squares), axis=1)[:, :k]
    nearest = np.take_along_axis(squares, order, axis=1)
    return (np.sqrt(nearest) if metric == "euclidean" else nearest / 2), order


def rng(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def test_exact_on_a_line():
    distances, indices = nearest_neighbours([[0.0], [1.0], [3.0], [6.0]], [[2.5], [10.0]], 2)
    assert indices.tolist() == [[2, 1], [3, 2]]
    assert distances.tolist() == [[0.5, 1.5], [4.0, 7.0]]
    assert (indices.dtype, distances.dtype) == (np.int64, np.float64)


def test_cosine_is_one_minus_the_cosine():
    distances, indices = nearest_neighbours([[0.0, 2.0], [3.0, 0.0], [-1.0, 0.0]], [[5.0, 0.0]], 3,
                                            "cosine")  # fmt: skip
    assert indices.tolist() == [[1, 0, 2]]
    assert distances[0] == pytest.approx([0, 1, 2])


def test_cosine_is_not_an_inner_product():
    """The long vector has the larger inner product, the other one the smaller angle."""
    train = [[100.0, 100.0], [1.0, 0.1]]
    assert nearest_neighbours(train, [[1.0, 0.0]], 1, "cosine")[1].tolist() == [[1]]


def test_of_equal_distances_the_lower_number_is_nearer():
    train = [[1.0], [-1.0], [1.0], [5.0], [-1.0]]
    assert nearest_neighbours(train, [[0.0]], 4)[1].tolist() == [[0, 1, 2, 4]]


grids = stnp.arrays(
    np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.integers(-2, 2)
)


@hypothesis.given(grids, grids, st.integers(1, 30), st.sampled_from([100, 2**20]))
@hypothesis.settings(deadline=None)
def test_many_ties_as_the_double_loop(train, query, k, memory):
    k = min(k, len(train))
    distances, indices = nearest_neighbours(train, query, k, memory=memory)
    expected = reference(train, query, k, "euclidean")
    np.testing.assert_array_equal(indices, expected[1])
    np.testing.assert_array_equal(distances, expected[0])


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("scale", "offset"), [(1, 0), (1, 1e4), (1e-20, 0), (1e-38, 0), (1e28, 0), (1e-6, 1)]
)
def test_any_scale_and_origin(metric, dtype, scale, offset):
    """Float32 alone cannot tell these apart; blocks of 2 queries and 3 rows change nothing."""
    train = (rng(1).normal(size=(200, 12)) * scale + offset).astype(dtype)
    query = (rng(2).normal(size=(9, 12)) * scale + offset).astype(dtype)
    expected = reference(train, query, 11, metric)
    for memory in (2**30, 3200):
        distances, indices = nearest_neighbours(train, query, 11, metric, memory=memory)
        np.testing.assert_array_equal(indices, expected[1])
        np.testing.assert_allclose(distances, expected[0], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("offset", [0, 1, 3, 200])
@pytest.mark.parametrize("turned", [False, True])
def test_rows_that_stay_as_they_are_and_rows_that_are_copied(offset, turned):
    """Near their mean, far from it, and in an order of memory that a product cannot take."""
    train = (rng(1).normal(size=(70, 40)) + offset).astype(np.float32)
    query = (rng(2).normal(size=(50, 40)) + offset).astype(np.float32)
    train[7] = train[3]  # a tie
    expected = reference(train, query, 6, "euclidean")
    if turned:
        train = np.asfortranarray(train)
    found = nearest_neighbours(train, query, 6, memory=1 << 15)
    assert (found[1] == expected[1]).all()
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)


def test_differences_below_float32_decide():
    train = np.array([[1 + 3e-12], [1 + 2e-12], [1 + 1e-12], [7.0]])
    assert nearest_neighbours(train, [[1.0]], 3)[1].tolist() == [[2, 1, 0]]


def test_one_outlier_does_not_hide_the_rest():
    train = rng().normal(size=(50, 4))
    train[7] = 1e25
    expected = reference(train, train[:5], 3, "euclidean")
    np.testing.assert_array_equal(nearest_neighbours(train, train[:5], 3)[1], expected[1])


def test_memory_changes_nothing():
    train, query = rng(3).normal(size=(300, 5)), rng(4).normal(size=(40, 5))
    whole = nearest_neighbours(train, query, 5)
    for memory in (0, 1000, 5000, 100_000):
        part = nearest_neighbours(train, query, 5, memory=memory)
        np.testing.assert_array_equal(part[0], whole[0])
        np.testing.assert_array_equal(part[1], whole[1])


def test_the_input_stays_as_it_is():
    train, query = rng(3).normal(size=(30, 5)), rng(4).normal(size=(4, 5))
    copies = train.copy(), query.copy()
    nearest_neighbours(train, query, 5, "cosine")
    np.testing.assert_array_equal(train, copies[0])
    np.testing.assert_array_equal(query, copies[1])


KEYS = np.array(["a", "b", "a", "c", "b", "a"])


@pytest.mark.parametrize(
    ("exclude", "excluded"),
    [
        (np.arange(6), np.eye(6, dtype=bool)),
        (np.array([1, -1, 3, 0, -1, 2]), None),
        (SameKey(KEYS, KEYS), KEYS[:, None] == KEYS[None]),
        (KEYS[:, None] == KEYS[None], KEYS[:, None] == KEYS[None]),
    ],
    ids=["itself", "numbers", "same key", "mask"],
)
@pytest.mark.parametrize("memory", [0, 2**20])
def test_excluded_rows_are_no_neighbours(exclude, excluded, memory):
    train = rng(5).normal(size=(6, 2))
    if excluded is None:
        excluded = exclude[:, None] == np.arange(6)
    distances, indices = nearest_neighbours(train, train, 3, exclude=exclude, memory=memory)
    expected = reference(train, train, 3, "euclidean", excluded)
    np.testing.assert_array_equal(indices, expected[1])
    np.testing.assert_array_equal(distances, expected[0])


def test_leaving_out_by_key_keeps_an_exact_duplicate():
    """A duplicate stands before the sample itself in the order: its place says nothing."""
    train = np.array([[1.0], [1.0], [9.0]])
    keys = ["x", "y", "z"]
    distances, indices = nearest_neighbours(train, train, 1, exclude=SameKey(keys, keys))
    assert indices[:, 0].tolist() == [1, 0, 0]
    assert distances[:2, 0].tolist() == [0, 0]


def test_too_few_are_left():
    train = np.arange(5.0)[:, None]
    for exclude in (SameKey("aabbc", "cacca"), np.array(list("cacca"))[:, None] == list("aabbc")):
        with pytest.raises(errors.ConfigError, match=r"2 queries .* k = 4 .* rows 1, 4\."):
            nearest_neighbours(train, train, 4, exclude=exclude)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k must lie between 1 and 4"),
        ({"k": 5}, "k must lie between 1 and 4"),
        ({"metric": "manhattan"}, "no metric 'manhattan'"),
        ({"query": [[1.0, 2.0]]}, "train has 1 feature, query 2"),
        ({"query": [[np.nan]]}, r"query: 1 of 1 rows hold NaN.*\(row 0\)"),
        ({"train": [[1.0], [np.inf], [2.0], [1e31]]}, r"train: 2 of 4 rows .*\(rows 1, 3\)"),
        ({"train": [1.0, 2.0]}, r"train must be of shape \[N, D\], not \[2\]"),
        ({"train": np.empty((0, 1))}, r"train must be of shape \[N, D\], not \[0, 1\]"),
        ({"train": [["a"]]}, "train must be numbers"),
        ({"train": [[0.0], [1], [2], [0]], "metric": "cosine"}, r"2 rows are zero \(rows 0, 3\)"),
        ({"exclude": [4]}, "row numbers from 4 to 4; train has the rows 0 to 3"),
        ({"exclude": [-2]}, "-1 stands for none"),
        ({"exclude": [0, 1]}, r"must be int \[1\], bool \[1, 4\] or a SameKey, not int64 \[2\]"),
        ({"exclude": SameKey("abc", "a")}, "3 and 1 keys for 4 training rows and 1 queries"),
    ],
)
def test_wrong_input_is_named(change, message):
    arguments = {"train": [[1.0], [2.0], [3.0], [4.0]], "query": [[1.0]], "k": 2} | change
    with pytest.raises(errors.CytoImageNetError, match=message):
        nearest_neighbours(**arguments)
