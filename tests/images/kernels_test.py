"""Compiled loops against NumPy, and on machines that cannot keep what was compiled."""

from __future__ import annotations

import subprocess
import sys

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds.images import compiled, kernels

TYPES = st.sampled_from([np.uint8, np.uint16])


def codes_of(seed, dtype, *shape):
    return np.random.default_rng(seed).integers(0, 2**8 if dtype == np.uint8 else 300, shape, dtype)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), TYPES, st.integers(1, 9), st.integers(1, 30))
def test_counts_are_added(seed, dtype, height, width):
    codes = codes_of(seed, dtype, height, width)
    codes.setflags(write=False)
    counts = np.ones(256**codes.itemsize, np.int64)
    (kernels.count_bytes if dtype == np.uint8 else kernels.count_words)(codes, counts)
    expected = 1 + np.bincount(codes.ravel(), minlength=len(counts))
    np.testing.assert_array_equal(counts, expected)


def test_counts_after_the_last_are_not_used():
    assert kernels.used(np.array([0, 3, 0, 1, 0, 0])) == 4
    assert kernels.used(np.zeros(3, np.int64)) == 0


def test_percentiles_between_levels_that_do_not_occur():
    values, counts = np.array([1.0, 2, 4, 8]), np.array([2, 0, 0, 1])
    assert kernels.percentile(values, counts, 0.0) == 1
    assert kernels.percentile(values, counts, 50.0) == 1
    assert kernels.percentile(values, counts, 75.0) == 4.5
    assert kernels.percentile(values, counts, 100.0) == 8


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.floats(0, 100))
def test_percentiles_are_numpys(pixels, q):
    counts = np.bincount(pixels, minlength=10)
    values = np.arange(10) / 3
    assert kernels.percentile(values, counts, q) == np.percentile(np.array(pixels) / 3, q)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), TYPES, st.integers(1, 8), st.integers(1, 9), st.integers(1, 30))
def test_merge_is_the_rounded_mean_in_order(seed, dtype, channels, height, width):
    codes = codes_of(seed, dtype, channels, height, width)
    tables = np.random.default_rng(seed).integers(0, 3, (channels, 300)) / 2  # exact halves occur
    total = np.zeros((height, width))
    for plane, table in zip(codes, tables, strict=True):
        total += table[plane]
    expected = np.rint(total / channels * 255).astype(np.uint8)
    merged, counts = np.empty((height, width), np.uint8), np.zeros(256, np.int64)
    planes = [np.pad(plane, ((2, 1), (3, 1))) for plane in codes]
    planes[0].setflags(write=False)
    kernels.merge((*planes, *planes[:1] * (8 - channels)), 2, 3, tables, merged, counts)
    np.testing.assert_array_equal(merged, expected)
    np.testing.assert_array_equal(counts, np.bincount(expected.ravel(), minlength=256))


def test_bytes_round_halves_to_even():
    table = np.array([0, 0.5, 1.5, 2.5, 255]) / 255
    codes = np.array([[0, 1, 2], [3, 4, 4]], np.uint16)
    np.testing.assert_array_equal(kernels.as_bytes(codes, table), [[0, 0, 2], [2, 255, 255]])


def test_stretch_clips_and_a_constant_gives_zeros():
    values = np.array([0.0, 10, 15, 20, 30])
    np.testing.assert_array_equal(kernels.stretch(values, 10, 20), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(kernels.stretch(values, 10, 10), np.zeros(5))


def test_without_a_folder_to_keep_what_was_compiled(monkeypatch):
    compile_ = numba.njit

    def njit(signatures, **options):
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return compile_(signatures, **options)

    monkeypatch.setattr(numba, "njit", njit)
    twice = compiled._compiled(numba.int64(numba.int64))(lambda x: 2 * x)
    assert twice(21) == 42


@pytest.mark.parametrize("codes", [np.zeros((2, 2), np.int32), np.zeros((4, 4), np.uint8)[:, ::2]])
def test_other_types_and_gaps_are_refused(codes):
    with pytest.raises(TypeError, match="No matching definition"):
        kernels.count_bytes(codes, np.zeros(256, np.int64))


def test_numba_is_loaded_with_the_first_loop():
    program = """
import sys
from cytoimagenet_tfds import images
from cytoimagenet_tfds.images import kernels
before = "numba" in sys.modules
kernels.MAX_CHANNELS
print(before, "numba" in sys.modules, hasattr(kernels, "nothing"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False True False\n", 0), done.stderr
