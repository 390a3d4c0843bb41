"""The whole way of a row: merge, rejection, crops, second stretch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, images

SETTINGS = images.PixelSettings()


def field(seed=0, shape=(300, 320), dtype=np.uint16):
    return np.random.default_rng(seed).integers(20, 4000, shape).astype(dtype)


def standardize(channels, crops, seed=0, **options):
    return images.standardize(channels, crops, np.random.default_rng(seed), SETTINGS, **options)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
def test_crops_are_cut_from_the_merged_image_and_stretched_again(seed, count, crops):
    channels = [field(seed + i) for i in range(count)]
    found = standardize(channels, crops, seed)
    assert found.rejected is None
    merged = images.merge(channels)
    windows = images.crop_windows(merged.shape, crops, np.random.default_rng(seed))
    assert [window for window, _ in found.images] == windows
    for (y_min, y_max, x_min, x_max, _), pixels in found.images:
        expected = images.merge([merged[y_min:y_max, x_min:x_max]])
        np.testing.assert_array_equal(pixels, expected)


def by_definition(channels, crops, seed, segmented):
    """The rules in their order, each on the whole merged image."""
    merged = images.merge(channels)
    reason = images.rejection(merged)
    if reason in ("uniform", "binary"):
        return reason
    windows = images.crop_windows(merged.shape, crops, np.random.default_rng(seed))
    parts = [merged[window.part] for window in windows]
    kept = [images.merge([part]) for part in parts if images.rejection(part) is None]
    if not kept and reason == "dim" and not segmented:
        return reason
    return kept or [merged]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 2), st.integers(0, 4), st.sampled_from([2, 3, 200]),
    st.sampled_from([0.0, 0.0005, 0.001, 0.002, 0.003, 0.3]), st.booleans(),
)  # fmt: skip
def test_rules_hold_for_the_whole_image_though_crops_are_merged_first(
    seed, count, crops, top, share, segmented
):
    rng = np.random.default_rng(seed)
    shape = (280, 300)
    lit = rng.random(shape) < share
    channels = [np.where(lit, rng.integers(1, top, shape), 0).astype(np.uint8)] * count
    expected = by_definition(channels, crops, seed, segmented)
    found = standardize(channels, crops, seed, segmented=segmented)
    if isinstance(expected, str):
        assert (found.rejected, found.images) == (expected, [])
        return
    assert found.rejected is None
    for (_, pixels), wanted in zip(found.images, expected, strict=True):
        np.testing.assert_array_equal(pixels, wanted)


@pytest.mark.parametrize(("shape", "crops"), [((300, 320), 0), ((139, 500), 4), ((30, 40), 2)])
def test_whole_where_no_crop_is_wanted_or_fits(shape, crops):
    channels = [field(1, shape), field(2, shape)]
    found = standardize(channels, crops)
    assert found.rejected is None
    ((window, pixels),) = found.images
    assert window is None
    np.testing.assert_array_equal(pixels, images.merge(channels))


def test_a_single_channel_is_stretched_too():
    ((_, pixels),) = standardize([field() // 16 + 100], 0).images
    assert (pixels.min(), pixels.max()) == (0, 255)


@pytest.mark.parametrize("segmented", [False, True])
def test_uniform_and_binary_images_are_rejected_at_once(segmented):
    constant = np.full((300, 300), 9, np.uint8)
    binary = constant.copy()
    binary[:150] = 3
    for image, reason in ((constant, "uniform"), (binary, "binary")):
        found = standardize([image], 4, segmented=segmented)
        assert (found.images, found.rejected) == ([], reason)


def one_bright_quadrant():
    image = np.zeros((400, 400), np.uint16)
    image[200:, 200:] = field(0, (200, 200))
    image[200:, 200:][::2, ::3] = 0
    return image


def test_crops_are_checked_before_their_second_stretch():
    image = field(0, (400, 400))
    image[:200, :200] = 1000  # uniform, as no noise of a stretch would show
    image[:200, :200].flat[:20] = 1001
    found = standardize([image], 4, seed=3)
    assert len(found.images) == 3
    assert all(window.y_min >= 200 or window.x_min >= 200 for window, _ in found.images)
    wanted = images.crop_windows((400, 400), 4, np.random.default_rng(3))
    assert [window for window, _ in found.images] == [
        window for window in wanted if window.y_min >= 200 or window.x_min >= 200
    ]


def test_dim_image_whose_crop_passes():
    image = one_bright_quadrant()
    assert images.rejection(images.merge([image])) == "dim"
    found = standardize([image], 4)
    assert found.rejected is None
    ((window, _),) = found.images
    assert (window.y_min, window.x_min) >= (200, 200)


def test_dim_image_without_a_good_crop():
    image = np.zeros((300, 300), np.uint16)
    image[:, ::9] = field(0, (300, 34))
    for crops in (0, 4):
        found = standardize([image], crops)
        assert (found.images, found.rejected) == ([], "dim")
        ((window, pixels),) = standardize([image], crops, segmented=True).images
        assert window is None
        np.testing.assert_array_equal(pixels, images.merge([image]))


def test_whole_where_every_crop_is_rejected():
    image = np.kron([[10, 60], [120, 200]], np.ones((200, 200))).astype(np.uint8)
    ((window, pixels),) = standardize([image], 4).images  # each quadrant is uniform
    assert window is None
    np.testing.assert_array_equal(pixels, images.merge([image]))


def test_colour_is_averaged_first():
    colour = np.random.default_rng(1).integers(0, 256, (200, 210, 3), dtype=np.uint8)
    ((_, found),) = standardize([colour], 0).images
    np.testing.assert_array_equal(found, images.merge([images.to_grey(colour)]))


def test_settings_reach_the_pixels():
    channel = field()
    loose = dataclasses.replace(SETTINGS, low=10, high=90)
    ((_, found),) = images.standardize([channel], 0, np.random.default_rng(0), loose).images
    np.testing.assert_array_equal(found, images.merge([channel], 10, 90))
    small = dataclasses.replace(SETTINGS, min_side=20, protocol="paper")
    crops = images.standardize([field(0, (50, 60))], 4, np.random.default_rng(0), small).images
    assert len(crops) == 4


def test_inputs_are_left_alone():
    channels = [field(1), field(2)]
    copies = [channel.copy() for channel in channels]
    standardize(channels, 4)
    for channel, copy in zip(channels, copies, strict=True):
        np.testing.assert_array_equal(channel, copy)


def test_result_does_not_share_memory_between_crops():
    found = standardize([field()], 4).images
    found[0][1][:] = 0
    assert all(pixels.max() == 255 for _, pixels in found[1:])


def test_mismatch_is_named():
    with pytest.raises(errors.ImageError, match="300 x 320, 20 x 20") as caught:
        standardize([field(), field(0, (20, 20))], 1)
    assert caught.value.reason == "shape mismatch"


def test_settings_say_all_that_is_wrong():
    with pytest.raises(errors.ConfigError) as caught:
        images.PixelSettings(low=50, high=20, protocol="x", min_side=0, max_pixels=0)
    for word in ("low, high", "crop protocol 'x'", "min_side", "max_pixels"):
        assert word in str(caught.value)


def test_settings_are_values():
    assert images.PixelSettings() == SETTINGS
    assert hash(images.PixelSettings(seed=1)) != hash(SETTINGS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        SETTINGS.low = 1.0


def test_renderer_version_is_an_integer():
    assert isinstance(images.RENDERER_VERSION, int)
