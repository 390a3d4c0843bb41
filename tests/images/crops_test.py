"""Crop windows: one a quadrant, scales, sizes, and independence of the count."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.images import crops

SIDES = st.one_of(st.integers(1, 400), st.integers(1000, 3000))
COUNTS = st.integers(0, 4)
PROTOCOLS = st.sampled_from(["default", "paper"])


def quadrant(window, height, width):
    return int(window.y_min >= height // 2), int(window.x_min >= width // 2)


def fitting(height, width):
    return [s for s in crops.SCALES if min(int(height * s), int(width * s)) >= 70]


@settings(max_examples=300, deadline=None)
@given(SIDES, SIDES, COUNTS, st.integers(0, 2**32), PROTOCOLS)
def test_rules(height, width, count, seed, protocol):
    windows = images.crop_windows((height, width), count, np.random.default_rng(seed), protocol)
    scales = fitting(height, width)
    assert len(windows) == (count if scales else 0)
    assert (not scales) == (min(height, width) < 140)
    assert len({quadrant(window, height, width) for window in windows}) == len(windows)
    for y_min, y_max, x_min, x_max, scaling in windows:
        assert scaling in scales
        assert y_max - y_min == int(height * scaling) >= 70
        assert x_max - x_min == int(width * scaling) >= 70
        for low, high, side in ((y_min, y_max, height), (x_min, x_max, width)):
            start = side // 2 if low >= side // 2 else 0
            assert start <= low < high <= start + side // 2 <= side
        if scaling == 0.5:
            assert y_min in (0, height // 2)
            assert x_min in (0, width // 2)


@settings(max_examples=200, deadline=None)
@given(SIDES, SIDES, COUNTS, st.integers(0, 2**32))
def test_scales_do_not_repeat_while_enough_fit(height, width, count, seed):
    windows = images.crop_windows((height, width), count, np.random.default_rng(seed))
    used = Counter(window.scaling for window in windows)
    scales = fitting(height, width)
    if windows:
        assert max(used.values()) == -(-count // len(scales))  # as evenly as possible
        assert len(used) == min(count, len(scales))


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES, st.integers(0, 2**32), PROTOCOLS)
def test_fewer_windows_are_the_first_of_more(height, width, seed, protocol):
    four = images.crop_windows((height, width), 4, np.random.default_rng(seed), protocol)
    for count in range(4):
        fewer = images.crop_windows((height, width), count, np.random.default_rng(seed), protocol)
        assert fewer == four[:count]


def test_just_large_enough():
    rng = np.random.default_rng(0)
    assert images.crop_windows((139, 500), 4, rng) == []
    windows = images.crop_windows((140, 141), 4, rng)
    assert sorted(window[:4] for window in windows) == [
        (0, 70, 0, 70),
        (0, 70, 70, 140),
        (70, 140, 0, 70),
        (70, 140, 70, 140),
    ]
    assert {window.scaling for window in windows} == {0.5}


def test_every_quadrant_scale_and_place_occurs():
    seen = Counter()
    rows = set()
    for seed in range(400):
        (window,) = images.crop_windows((1120, 1120), 1, np.random.default_rng(seed))
        seen[quadrant(window, 1120, 1120), window.scaling] += 1
        if window.scaling == 1 / 16:
            rows.add(window.y_min % 560)
    assert len(seen) == 16
    assert min(seen.values()) >= 8
    assert min(rows) < 60
    assert max(rows) > 430
    assert max(rows) <= 560 - 70


def test_paper_draws_scales_with_repetition():
    repeated = 0
    for seed in range(50):
        rng = np.random.default_rng(seed)
        windows = images.crop_windows((1200, 1200), 4, rng, "paper")
        repeated += len({window.scaling for window in windows}) < 4
    assert repeated > 30  # of 50; without repetition it were 0


def test_window_is_a_tuple_of_integers_and_a_scale():
    (window,) = images.crop_windows((300, 300, 3), 1, np.random.default_rng(0))
    assert isinstance(window, images.Window)
    assert [type(value) for value in window] == [int, int, int, int, float]


def test_smaller_side_by_request():
    assert images.crop_windows((100, 100), 1, np.random.default_rng(0), min_side=50)


@pytest.mark.parametrize(
    ("count", "protocol", "min_side", "message"),
    [
        (5, "default", 70, "count: expected 0 to 4, found 5"),
        (-1, "default", 70, "count: expected 0 to 4, found -1"),
        (1, "papers", 70, "no crop protocol 'papers'. Did you mean 'paper'"),
        (1, "default", 0, "min_side: expected 1 or more"),
    ],
)
def test_bad_settings(count, protocol, min_side, message):
    with pytest.raises(errors.ConfigError, match=message):
        images.crop_windows((300, 300), count, np.random.default_rng(0), protocol, min_side)
