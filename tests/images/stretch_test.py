"""Percentiles, normalize and merge against their float64 definitions, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.images import levels, merging, stretch

INTEGERS = st.sampled_from([np.uint8, np.uint16, np.uint32, np.int16, np.int32])
PERCENTS = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(sorted)


def image(dtype, side=24):
    """Images whose values crowd: few levels, or a narrow band of the type."""
    info = np.iinfo(dtype)
    tops = st.sampled_from([1, 3, 200, 4095, 65535, 2**31 - 1]).map(lambda t: min(t, info.max))
    return tops.flatmap(
        lambda top: arrays.arrays(
            dtype,
            arrays.array_shapes(min_dims=2, max_dims=2, max_side=side),
            elements=st.integers(0, top),
        )
    )


def defined(channel, low=0.1, high=99.9):
    """The float64 definition of the stretch."""
    p_low, p_high = np.percentile(channel, [low, high])
    if p_low == p_high:
        return np.zeros(channel.shape)
    return np.clip((channel.astype(np.float64) - p_low) / (p_high - p_low), 0, 1)


@settings(max_examples=200, deadline=None)
@given(st.data(), INTEGERS, PERCENTS)
def test_percentiles_are_numpys_to_the_last_bit(data, dtype, percents):
    channel = data.draw(image(dtype))
    low, high = percents
    assert images.percentiles(channel, low, high) == tuple(np.percentile(channel, [low, high]))
    assert images.percentiles(channel) == tuple(np.percentile(channel, [0.1, 99.9]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_percentiles_of_large_images(dtype):
    rng = np.random.default_rng(1)
    for top in (255, 4095, 65535):
        channel = rng.gamma(2, top / 9, (301, 499)).clip(0, np.iinfo(dtype).max).astype(dtype)
        for low, high in ((0.1, 99.9), (0, 100), (25, 75), (50, 50)):
            expected = tuple(np.percentile(channel, [low, high]))
            assert images.percentiles(channel, low, high) == expected


def test_percentiles_of_signed_extremes_do_not_wrap_around():
    assert images.percentiles(np.array([[-128, 127]], np.int8), 0, 50) == (-128.0, -0.5)


def test_histogram_beyond_what_float32_counts():
    channel = np.zeros((4097, 4097), np.uint8)  # more than 2**24 zeros
    channel[0, 0] = 9
    counts = levels.histogram(channel, 256)
    assert counts[0] == 4097**2 - 1
    assert counts[9] == 1


@settings(max_examples=150, deadline=None)
@given(st.data(), INTEGERS)
def test_normalize_is_the_definition_rounded(data, dtype):
    channel = data.draw(image(dtype))
    before = channel.copy()
    found = images.normalize(channel)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, defined(channel).astype(np.float32))
    np.testing.assert_array_equal(channel, before)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=20),
        elements=st.floats(-(2.0**100), 2.0**100, width=32),
    )
)
def test_normalize_floats(channel):
    found = images.normalize(channel)
    np.testing.assert_array_equal(found, defined(channel.astype(np.float64)).astype(np.float32))
    assert found.min() >= 0
    assert found.max() <= 1


def test_normalize_small_example():
    channel = np.array([[10, 20], [30, 50]], np.uint16)
    np.testing.assert_array_equal(
        images.normalize(channel, 0, 100), np.array([[0, 0.25], [0.5, 1]], np.float32)
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.int32])
def test_constant_images_give_zeros(dtype):
    channel = np.full((9, 7), 42, dtype)
    np.testing.assert_array_equal(images.normalize(channel), np.zeros((9, 7), np.float32))
    np.testing.assert_array_equal(images.merge([channel]), np.zeros((9, 7), np.uint8))


def test_sixteen_bits_are_not_cut_to_eight():
    channel = np.arange(256, dtype=np.uint16).reshape(16, 16)  # all of it below one 8-bit step
    assert len(np.unique(images.merge([channel]))) > 250


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 6))
def test_merge_is_the_definition(data, count):
    shape = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    channels = []
    for _ in range(count):
        dtype = data.draw(st.sampled_from([np.uint8, np.uint16, np.float32, np.int32]))
        top = data.draw(st.sampled_from([1, 2, 51, 255]))  # such ranges make exact halves
        channels.append(rng.integers(0, top + 1, shape).astype(dtype))
    copies = [channel.copy() for channel in channels]
    expected = np.rint(np.mean([defined(channel) for channel in channels], axis=0) * 255)
    found = images.merge(channels)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected.astype(np.uint8))
    for channel, copy in zip(channels, copies, strict=True):
        np.testing.assert_array_equal(channel, copy)


@pytest.mark.parametrize("count", [3, 9])  # the compiled loop takes eight
def test_merge_of_images_larger_than_a_block(count):
    rng = np.random.default_rng(5)
    channels = [rng.integers(0, 4096, (700, 501)).astype(np.uint16) for _ in range(count)]
    expected = np.rint(np.mean([defined(channel) for channel in channels], axis=0) * 255)
    np.testing.assert_array_equal(images.merge(channels), expected.astype(np.uint8))


def test_merge_rows_wider_than_a_block():
    channels = [np.arange(100_000, dtype=np.float32)[None] % m for m in (7, 9)]
    expected = np.rint(np.mean([defined(channel) for channel in channels], axis=0) * 255)
    np.testing.assert_array_equal(images.merge(channels), expected.astype(np.uint8))


@pytest.mark.parametrize(
    "view", [lambda a: a[::2, ::3], lambda a: a[::-1, ::-1], lambda a: a.T, lambda a: a[3:9, 2:30]]
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", ">u2"])
def test_any_memory_layout(view, dtype):
    whole = np.random.default_rng(2).integers(0, 250, (40, 50)).astype(dtype)
    channel = view(whole)
    expected = np.rint(defined(channel) * 255).astype(np.uint8)
    np.testing.assert_array_equal(images.merge([channel]), expected)
    two = np.rint(np.mean([defined(channel)] * 2, axis=0) * 255).astype(np.uint8)
    np.testing.assert_array_equal(images.merge([channel, channel]), two)
    np.testing.assert_array_equal(images.normalize(channel), defined(channel).astype(np.float32))


def test_read_only_images():
    channel = np.frombuffer(bytes(range(100)), np.uint8).reshape(10, 10)
    assert images.merge([channel, channel]).max() == 255


def test_to_grey_is_the_channel_mean():
    colour = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    grey = images.to_grey(colour)
    assert grey.dtype == np.float32
    np.testing.assert_array_equal(grey, colour.astype(np.float64).mean(axis=-1).astype(np.float32))
    assert images.to_grey(grey) is grey


def test_colour_stands_for_its_mean():
    colour = np.random.default_rng(4).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    grey = images.to_grey(colour)
    np.testing.assert_array_equal(images.normalize(colour), images.normalize(grey))
    np.testing.assert_array_equal(images.merge([colour]), images.merge([grey]))
    np.testing.assert_array_equal(
        images.merge([colour, colour[..., 0]]), images.merge([grey, colour[..., 0]])
    )
    assert images.percentiles(colour) == images.percentiles(grey)


def reason(work) -> str:
    with pytest.raises(errors.ImageError) as caught:
        work()
    return caught.value.reason


def test_mismatched_channels():
    sizes = [np.zeros((4, 5), np.uint8), np.zeros((4, 6), np.uint8)]
    with pytest.raises(errors.ImageError, match="found 4 x 5, 4 x 6") as caught:
        images.merge(sizes)
    assert caught.value.reason == "shape mismatch"


def test_what_is_no_image():
    assert reason(lambda: images.merge([])) == "no channels"
    for work in (
        images.normalize,
        images.rejection,
        images.percentiles,
        lambda a: images.merge([a]),
    ):
        assert reason(lambda work=work: work(np.zeros((0, 5), np.uint8))) == "empty image"
        assert reason(lambda work=work: work(np.zeros(5, np.uint8))) == "shape mismatch"
        assert reason(lambda work=work: work(np.zeros((5, 5, 2), np.uint8))) == "shape mismatch"
        assert reason(lambda work=work: work(np.array([[1.0, np.nan]]))) == "not finite"


@pytest.mark.parametrize(("low", "high"), [(-1, 99), (1, 101), (60, 40), (np.nan, 99)])
def test_percents_out_of_range(low, high):
    channel = np.zeros((4, 4), np.uint8)
    for work in (images.percentiles, images.normalize, lambda *a: images.merge([channel], *a[1:])):
        with pytest.raises(errors.ConfigError, match="0 <= low <= high <= 100"):
            work(channel, low, high)


def test_parts_outside_and_channels_of_two_sizes_are_refused():
    measured = merging.measure([np.eye(4, dtype=np.uint8)] * 2, 0, 100)
    for rows in (slice(-1, 2), slice(2, 5), slice(3, 3)):
        with pytest.raises(ValueError, match="of 4 pixels"):
            measured.merged((rows, slice(0, 4)))
    channels = [stretch.measure(np.eye(side, dtype=np.uint8), 0, 100) for side in (4, 5)]
    with pytest.raises(ValueError, match="expected one size"):
        merging.Measured(channels)
