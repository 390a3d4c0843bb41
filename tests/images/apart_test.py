from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, images

SETTINGS = images.PixelSettings()


def rng():
    return np.random.Generator(np.random.PCG64(7))


def field(seed, count, dtype=np.uint16, shape=(150, 171)):
    made = np.random.Generator(np.random.PCG64(seed))
    top = np.iinfo(dtype).max
    return [(made.random(shape) ** (2 + c) * top).astype(dtype) for c in range(count)]


def test_channels_are_stretched_each_on_its_own():
    channels = field(1, 3)
    apart = images.keep_apart(channels)
    assert apart.pixels.dtype == np.uint8
    assert apart.shape == (150, 171, 3)
    for number, channel in enumerate(channels):
        np.testing.assert_array_equal(apart.pixels[..., number], images.merge([channel]))
        expected = images.percentiles(channel)
        assert (apart.low[number], apart.high[number]) == expected


def test_raw_pixels_are_those_of_the_source():
    channels = [*field(2, 2), *field(3, 1, np.uint8)]
    apart = images.keep_apart(channels, raw=True)
    assert apart.pixels.dtype == np.uint16
    np.testing.assert_array_equal(apart.pixels, np.stack(channels, axis=-1))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from([np.uint8, np.uint16]))
def test_merging_raw_channels_gives_the_merged_image_bit_for_bit(seed, count, dtype):
    channels = field(seed, count, dtype, (20, 31))
    apart = images.keep_apart(channels, raw=True)
    np.testing.assert_array_equal(images.merge_apart(apart), images.merge(channels))
    stretched = images.merge_apart(images.keep_apart(channels)).astype(int)
    assert np.abs(stretched - images.merge(channels)).max() <= 1


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("count", [1, 3])
def test_windows_and_rejections_are_those_of_the_merged_image(raw, count):
    channels = field(5, count)
    merged = images.standardize(channels, 4, rng(), SETTINGS)
    apart = images.standardize_apart(channels, 4, rng(), SETTINGS, raw=raw)
    assert [window for window, _ in apart.images] == [window for window, _ in merged.images]
    assert len(merged.images) == 4
    for (_, expected), (window, found) in zip(merged.images, apart.images, strict=True):
        assert found.shape == (*expected.shape, count)
        again = images.merge_apart(found, crop=window is not None)
        if raw or count == 1:
            np.testing.assert_array_equal(again, expected)
    flat = [np.zeros((9, 9), np.uint8)] * 2
    assert images.standardize_apart(flat, 4, rng(), SETTINGS).rejected == "uniform"


def test_channels_that_are_not_the_rows_own_decide_nothing():
    channels = field(8, 3)
    own = (False, True, False)
    merged = images.standardize(channels[1:2], 2, rng(), SETTINGS)
    apart = images.standardize_apart(channels, 2, rng(), SETTINGS, own=own, raw=True)
    for (window, expected), (other, found) in zip(merged.images, apart.images, strict=True):
        assert window == other
        assert found.own.tolist() == list(own)
        assert found.shape[2] == 3
        np.testing.assert_array_equal(images.merge_apart(found, crop=True), expected)


@pytest.mark.parametrize("raw", [True, False])
def test_the_colours_of_a_single_file_are_kept_and_merge_to_its_mean(raw):
    colour = np.stack(field(9, 3, np.uint8), axis=-1)
    merged = images.standardize([colour], 3, rng(), SETTINGS)
    apart = images.standardize_apart([colour], 3, rng(), SETTINGS, raw=raw)
    assert {found.colour for _, found in apart.images} == {True}
    for (window, expected), (_, found) in zip(merged.images, apart.images, strict=True):
        assert found.shape[2] == 3
        if raw:
            np.testing.assert_array_equal(images.merge_apart(found, crop=True), expected)
            part = colour[window.y_min : window.y_max, window.x_min : window.x_max]
            np.testing.assert_array_equal(found.pixels, part)
    assert len(set(apart.images[0][1].low)) == 1


def test_grey_saved_as_colour_is_one_channel():
    grey = field(10, 1, np.uint8)[0]
    colour = np.stack([grey] * 3, axis=-1)
    apart = images.keep_apart([colour], raw=True)
    np.testing.assert_array_equal(apart.pixels[..., 0], grey)
    np.testing.assert_array_equal(images.merge_apart(apart), images.merge([colour]))


def test_of_several_colour_files_each_is_one_channel():
    colours = [np.stack(field(seed, 3, np.uint8), axis=-1) for seed in (1, 2)]
    apart = images.keep_apart(colours)
    np.testing.assert_array_equal(apart.pixels[..., 1], images.merge(colours[1:]))
    raw = images.keep_apart(colours, raw=True)
    np.testing.assert_array_equal(raw.pixels[..., 0], colours[0].sum(axis=-1))
    np.testing.assert_array_equal(images.merge_apart(raw), images.merge(colours))


@pytest.mark.parametrize(
    ("channels", "raw", "reason"),
    [
        ([np.zeros((4, 4), np.uint8)] * 9, False, "too many channels"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], False, "shape mismatch"),
        ([np.full((4, 4), 0.5, np.float32)], True, "not 16 bits"),
        ([], False, "no channels"),
    ],
)
def test_what_cannot_be_kept_apart_says_why(channels, raw, reason):
    with pytest.raises(errors.ImageError) as caught:
        images.keep_apart(channels, raw=raw)
    assert caught.value.reason == reason
