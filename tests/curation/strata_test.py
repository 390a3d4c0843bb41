"""Stratified sampling: exact numbers, and what holds for every table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds.curation import strata

_SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("sizes", "count", "given_"),
    [
        ([50, 30, 20], 10, [5, 3, 2]),
        ([5, 3, 2], 10, [5, 3, 2]),
        ([5, 3, 2], 100, [5, 3, 2]),
        ([991, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ([97, 1, 1, 1], 10, [7, 1, 1, 1]),  # rare strata keep one, the rest is shared
        ([60, 25, 15], 7, [4, 2, 1]),  # quotas 4.2, 1.75, 1.05
        ([10, 10, 10], 4, [2, 1, 1]),  # ties to the earlier one
        ([8, 1, 1, 1, 1], 3, [2, 1, 0, 0, 0]),  # more strata than rows: 2.0, then those with none
    ],
)
def test_allocation_of_small_examples(sizes, count, given_):
    assert strata.allocate(sizes, count).tolist() == given_


@given(_SIZES, st.integers(0, 3000))
def test_allocation_sums_keeps_rare_strata_and_never_exceeds_a_size(sizes, count):
    found = strata.allocate(sizes, count)
    assert found.sum() == min(count, sum(sizes))
    assert (found <= sizes).all()
    if count >= len(sizes):
        assert (found >= 1).all()


@given(_SIZES, st.integers(1, 3000))
def test_allocation_is_within_one_of_the_quota(sizes, count):
    found = strata.allocate(sizes, count)
    rare, seats = [], count
    if count >= sum(sizes):
        quotas = list(map(float, sizes))
    else:
        # By definition: the smallest strata give one row each as long as their share is below one.
        order = sorted(range(len(sizes)), key=lambda i: sizes[i])
        rest = sum(sizes)
        while count >= len(sizes) and seats * sizes[order[len(rare)]] < rest:
            rest -= sizes[order[len(rare)]]
            rare.append(order[len(rare)])
            seats -= 1
        quotas = [1.0 if i in rare else seats * size / rest for i, size in enumerate(sizes)]
    assert (np.abs(found - quotas) < 1).all()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=200), st.integers(1, 200))
def test_sample_takes_the_first_rows_of_each_stratum(codes, count):
    codes = np.array(codes)
    chosen = strata.sample(codes, count)
    assert len(chosen) == min(count, len(codes))
    assert (np.diff(chosen) > 0).all()
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        taken = np.intersect1d(rows, chosen)
        assert taken.tolist() == rows[: len(taken)].tolist()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(1, 60), st.randoms())
def test_sample_does_not_depend_on_the_numbers_of_strata(codes, count, random):
    names = random.sample(range(100), 7)
    renamed = np.array([names[code] for code in codes])
    assert strata.sample(renamed, count).tolist() == strata.sample(np.array(codes), count).tolist()
