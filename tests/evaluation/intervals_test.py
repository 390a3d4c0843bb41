from __future__ import annotations

import itertools
import math

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import intervals, paired


@pytest.mark.parametrize(
    ("hits", "low", "high"), [(84, 73.0, 87.9), (86, 75.1, 89.4), (89, 78.5, 91.7)]
)
def test_wilson_of_bbbc021(hits, low, high):
    interval = intervals.wilson(hits, 103)
    assert (round(100 * interval.low, 1), round(100 * interval.high, 1)) == (low, high)


@pytest.mark.parametrize(
    ("hits", "total", "printed"),
    # Percent and half width as the paper prints them.
    [(28, 103, 8.59), (86, 103, 7.17), (89, 103, 6.62), (round(0.7797 * 27058), 27058, 0.49),
     (round(0.9480 * 10364), 10364, 0.43), (round(0.6597 * 32596), 32596, 0.51)],
)  # fmt: skip
def test_normal_is_what_the_paper_prints(hits, total, printed):
    interval = intervals.normal(hits, total)
    assert 100 * (interval.high - hits / total) == pytest.approx(printed, abs=0.006)
    assert interval.low + interval.high == pytest.approx(2 * hits / total)


@hypothesis.given(st.integers(1, 500), st.data())
def test_wilson_holds_the_share_and_stays_in_bounds(total, data):
    hits = data.draw(st.integers(0, total))
    interval = intervals.wilson(hits, total)
    assert 0 <= interval.low <= hits / total <= interval.high <= 1
    assert interval.high - interval.low < 2 * 1.96 * (0.5 / total**0.5 + 1 / total)


def test_wilson_at_the_ends():
    assert intervals.wilson(0, 10).low == 0
    assert intervals.wilson(10, 10).high == 1
    assert intervals.wilson(10, 10).low == pytest.approx(0.7225, abs=1e-4)


@pytest.mark.parametrize("interval", [intervals.wilson, intervals.normal])
@pytest.mark.parametrize(("hits", "total"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_no_share(interval, hits, total):
    with pytest.raises(errors.ConfigError, match=f"{hits} hits of {total}"):
        interval(hits, total)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_share(confidence):
    with pytest.raises(errors.ConfigError, match="confidence"):
        intervals.wilson(1, 2, confidence)
    with pytest.raises(errors.ConfigError, match="confidence"):
        intervals.bootstrap([True], ["a"], confidence=confidence)


def test_bootstrap_draws_groups():
    """Two groups, all right and all wrong: a quarter of the draws each is 0 and 1."""
    interval = intervals.bootstrap([True] * 8 + [False] * 8, "a" * 8 + "b" * 8)
    assert (interval.low, interval.high) == (0, 1)
    alone = intervals.bootstrap([True] * 8 + [False] * 8, range(16))
    assert 0.2 < alone.low < alone.high < 0.8


def test_bootstrap_of_single_samples_is_near_wilson():
    right = np.arange(400) % 5 > 0
    found, expected = intervals.bootstrap(right, range(400)), intervals.wilson(320, 400)
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_bootstrap_depends_on_seed_but_not_on_order():
    rng = np.random.Generator(np.random.PCG64(1))
    right, groups = rng.random(60) < 0.7, rng.integers(0, 12, 60)
    order = rng.permutation(60)
    found = intervals.bootstrap(right, groups, rounds=500)
    assert intervals.bootstrap(right[order], groups[order], rounds=500) == found
    assert intervals.bootstrap(right, groups, rounds=500, seed=1) != found


@pytest.mark.parametrize(
    ("first", "second", "p_value"),
    # Twice the tail of the binomial distribution with 1/2, by hand.
    [(0, 0, 1.0), (1, 0, 1.0), (3, 3, 1.0), (0, 5, 2 / 32), (5, 0, 2 / 32),
     (1, 7, 2 * (1 + 8) / 2**8), (2, 8, 2 * (1 + 10 + 45) / 2**10)],
)  # fmt: skip
def test_mcnemar(first, second, p_value):
    assert paired.mcnemar(first, second) == p_value


def test_mcnemar_by_counting_all_outcomes():
    total, fewer = 9, 2
    outcomes = [sum(o) for o in itertools.product((0, 1), repeat=total)]
    extreme = sum(min(n, total - n) <= fewer for n in outcomes)
    assert paired.mcnemar(fewer, total - fewer) == extreme / len(outcomes)


def test_mcnemar_of_large_counts():
    z = (5200 - 4800 - 1) / math.sqrt(10_000)  # with the correction for continuity
    assert paired.mcnemar(4800, 5200) == pytest.approx(math.erfc(z / math.sqrt(2)), rel=0.02)
    assert paired.mcnemar(0, 5000) == 0.0


def test_compare():
    first = np.array([1, 1, 1, 1, 0, 0, 1], bool)
    second = np.array([1, 0, 0, 0, 1, 0, 1], bool)
    found = paired.compare(first, second)
    assert (found.only_first, found.only_second) == (3, 1)
    assert found.p_value == 2 * 5 / 16
    assert found.difference == pytest.approx(2 / 7)
    assert found.interval is None


def test_compare_with_groups_turns_round():
    rng = np.random.Generator(np.random.PCG64(3))
    first, second = rng.random(80) < 0.9, rng.random(80) < 0.5
    groups = rng.integers(0, 20, 80)
    one, other = paired.compare(first, second, groups), paired.compare(second, first, groups)
    assert one.interval.low > 0
    assert one.interval.low == pytest.approx(-other.interval.high)
    assert one.p_value == other.p_value < 0.01


def test_compare_needs_the_same_samples():
    with pytest.raises(errors.TableError, match="second has 1 value, expected 2"):
        paired.compare([True, False], [True])
