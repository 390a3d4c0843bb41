"""The short way to the pixels of a plain TIFF has the outcome of the long one, on any file."""

from __future__ import annotations

import struct

import image_files
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.images.formats import blob, tiff, tiff_plain

GREY = np.random.default_rng(3).integers(0, 60000, (20, 30), dtype=np.uint16)
ORDERS = st.sampled_from("<>")


def outcome(data, *, short, max_pixels=10_000):
    """Pixels, or the reason why there are none; without the short way if `short` is False."""
    with pytest.MonkeyPatch.context() as patch:
        if not short:
            patch.setattr(tiff_plain, "decode", lambda _: None)
        try:
            found = images.decode(data, max_pixels=max_pixels)
        except errors.ImageError as error:
            return error.reason
    return found.dtype, found.shape, found.tobytes()


@settings(max_examples=60, deadline=None)
@given(ORDERS, st.sampled_from(["uint8", "uint16"]), st.sampled_from([1, 7, 20]), st.booleans())
def test_plain_files_are_read_the_short_way(order, dtype, rows, described):
    options = {"description": "a scan", "resolution": (3, 3)} if described else {"metadata": None}
    array = GREY.astype(dtype)
    data = image_files.tiff(array, byteorder=order, rowsperstrip=rows, **options)
    np.testing.assert_array_equal(tiff_plain.decode(blob.Blob.of(data)), array)
    assert outcome(data, short=True) == outcome(data, short=False)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzw"},
        {"photometric": "miniswhite"},
        {"bigtiff": True},
        {"tile": (16, 16)},
        {"subfiletype": 1},
        {"extratags": [(65000, "I", 1, 1, True)]},
    ],
)
def test_other_files_are_left_to_tifffile(options):
    data = image_files.tiff(GREY, **options)
    assert tiff_plain.decode(blob.Blob.of(data)) is None
    assert outcome(data, short=True) == outcome(data, short=False)


@pytest.mark.parametrize("array", [GREY.astype(np.float32), GREY.astype(np.int16), GREY > 9,
                                   np.stack([GREY] * 3, -1), np.stack([GREY] * 3)])  # fmt: skip
def test_other_types_and_several_planes(array):
    data = image_files.tiff(array)
    assert outcome(data, short=True) == outcome(data, short=False)


@settings(max_examples=300, deadline=None)
@given(st.data(), ORDERS)
def test_damage_has_the_same_outcome(data, order):
    whole = bytearray(image_files.tiff(GREY, byteorder=order, rowsperstrip=6))
    start = whole.index(GREY.astype(order + "u2").tobytes()[:64])
    for _ in range(data.draw(st.integers(1, 2))):
        whole[data.draw(st.integers(4, start - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.sampled_from([len(whole), len(whole) - 1, start, 100, 9]))])
    assert outcome(cut, short=True) == outcome(cut, short=False)


def test_a_huge_size_is_refused_before_any_pixel_is_read():
    data = image_files.tiff(GREY)
    wide = data.replace(struct.pack("<HHI", 256, 4, 1) + struct.pack("<I", 30),
                        struct.pack("<HHI", 256, 4, 1) + struct.pack("<I", 2**30))  # fmt: skip
    assert wide != data
    assert outcome(wide, short=True) == outcome(wide, short=False) == "too large"


def test_the_long_way_is_still_there_for_further_planes():
    data = image_files.tiff(np.stack([GREY, GREY + 1]))
    np.testing.assert_array_equal(tiff_plain.decode(blob.Blob.of(data)), GREY)
    np.testing.assert_array_equal(tiff.decode(blob.Blob.of(data), 1), GREY + 1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("bbbc010", 2),
        ("bbbc017", 1),
        ("bbbc022", 1),
        ("bbbc038", 1),
        ("bbbc006", 0),
        ("cyclops", 0),
    ],
)
def test_real_files(shared_data, source, expected):
    paths = sorted(
        p for p in shared_data(source).rglob("*") if p.suffix.lower() in (".tif", ".tiff")
    )
    found = 0
    for path in paths:
        data = path.read_bytes()
        short, long = (outcome(data, short=way, max_pixels=10**8) for way in (True, False))
        assert short == long, path
        found += tiff_plain.decode(blob.Blob.of(data)) is not None
    assert paths
    assert found == expected


@pytest.mark.parametrize("write", [image_files.metamorph, image_files.imagej_stack])
def test_stacks_behind_one_directory(write):
    data = write(np.stack([GREY, GREY + 1]))
    assert outcome(data, short=True) == outcome(data, short=False)
