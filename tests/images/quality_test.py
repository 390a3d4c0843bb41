"""The three rules that leave an image out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cytoimagenet_tfds import images
from cytoimagenet_tfds.images import quality


def by_definition(image):
    low, dim, high = np.percentile(image, [0.1, 75, 99.9])
    if low == high:
        return "uniform"
    if len(np.unique(image)) == 2:
        return "binary"
    return "dim" if dim == 0 else None


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from([np.uint8, np.uint16, np.float32, np.int32]))
def test_definition(data, dtype):
    top = data.draw(st.sampled_from([0, 1, 2, 200]))
    image = data.draw(
        arrays.arrays(
            dtype,
            arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
            elements=st.integers(0, top),
        )
    )
    assert images.rejection(image) == by_definition(image)


def test_a_ramp_is_kept():
    assert images.rejection(np.arange(256, dtype=np.uint8).reshape(16, 16)) is None


@pytest.mark.parametrize("shape", [(1, 1), (50, 50)])
def test_constant_is_uniform(shape):
    assert images.rejection(np.full(shape, 7, np.uint8)) == "uniform"


def test_few_odd_pixels_are_still_uniform():
    image = np.full((100, 100), 7, np.uint8)
    image.flat[:9] = range(9)  # fewer than a thousandth at each end
    assert images.rejection(image) == "uniform"


def test_two_values_are_binary_three_are_not():
    image = np.full((10, 10), 200, np.uint8)
    image[:5] = 10
    assert images.rejection(image) == "binary"
    image[0, 0] = 11
    assert images.rejection(image) is None


def test_dim_is_the_75th_percentile():
    image = np.zeros((10, 10), np.uint8)
    image.flat[76:] = range(1, 25)
    assert images.rejection(image) == "dim"
    image.flat[74] = 9
    image.flat[75] = 9
    assert images.rejection(image) is None


def test_colour_stands_for_its_mean():
    colour = np.zeros((10, 10, 3), np.uint8)
    colour[:5, :, 0] = 3
    assert images.rejection(colour) == "binary"


@pytest.mark.parametrize(
    ("counts", "pixels", "varied"),
    [
        ([90, 5, 5], 100, True),  # a uniform image of 100 pixels has at most 4 of other levels
        ([96, 2, 2], 100, False),
        ([50, 50, 0], 100, False),  # may be binary
        ([9000, 12, 11], 10_000, True),  # 2 * (10 + 1)
        ([9000, 11, 11], 10_000, False),
    ],
)
def test_a_part_tells_that_the_whole_is_varied(counts, pixels, varied):
    assert quality.is_varied(np.array(counts), pixels) is varied


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 5, 20, 100]))
def test_what_is_varied_by_its_part_is_neither_uniform_nor_binary(seed, others):
    rng = np.random.default_rng(seed)
    image = np.full(4000, 7, np.uint8)
    image[rng.permutation(4000)[:others]] = rng.integers(0, 256, others)
    part = np.bincount(image[:3000], minlength=256)
    if quality.is_varied(part, image.size):
        assert images.rejection(image.reshape(40, 100)) not in ("uniform", "binary")
