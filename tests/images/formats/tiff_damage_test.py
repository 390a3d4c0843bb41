"""TIFF: every kind of damage gives a reason, never other pixels."""

from __future__ import annotations

import io

import image_files
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, images

RNG = np.random.default_rng(7)
GREY8 = RNG.integers(0, 256, (24, 37), dtype=np.uint8)
STACK = RNG.integers(0, 65536, (5, 24, 37), dtype=np.uint16)


def tag_of(data: bytes, name: str) -> tifffile.TiffTag:
    with tifffile.TiffFile(io.BytesIO(data)) as tif:
        return tif.pages[0].tags[name]


def reason(data: bytes, plane: int = 0) -> str:
    with pytest.raises(errors.ImageError) as caught:
        images.decode(data, plane)
    return caught.value.reason


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([None, "lzw", "deflate", "packbits", "zstd", "jpeg"]),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
)
def test_cut_files_never_give_other_pixels(compression, tiled, part):
    shape = {"tile": (16, 16)} if tiled else {"rowsperstrip": 5}
    data = image_files.tiff(GREY8, compression=compression, **shape)
    cut = data[: int(part * len(data))]
    assert reason(cut) in ("truncated", "unreadable", "unknown format", "empty file")


@pytest.mark.parametrize("compression", ["lzw", "deflate", "packbits", "zstd", "jpeg"])
@pytest.mark.parametrize("length", [0, 5, 0.5, 0.9])
def test_short_strips_give_no_zeros(compression, length):
    data = image_files.tiff(GREY8, compression=compression, rowsperstrip=8)
    tag = tag_of(data, "StripByteCounts")
    code, size = {3: ("<H", 2), 4: ("<I", 4)}[int(tag.dtype)]
    new = int(length * tag.value[1]) if isinstance(length, float) else length
    assert reason(image_files.patch(data, tag.valueoffset + size, code, new)) in (
        "truncated",
        "unreadable",
    )


def test_missing_strip_gives_no_zeros():
    data = image_files.tiff(GREY8, compression="lzw", rowsperstrip=8)
    tag = tag_of(data, "StripOffsets")
    code, size = {3: ("<H", 2), 4: ("<I", 4)}[int(tag.dtype)]
    assert reason(image_files.patch(data, tag.valueoffset + size, code, 0)) == "truncated"
    far = 60_000 if size == 2 else 10**9
    assert reason(image_files.patch(data, tag.valueoffset + size, code, far)) == "truncated"


def test_fewer_strips_than_rows_need():
    data = image_files.tiff(GREY8, compression="lzw", rowsperstrip=8)
    tag = tag_of(data, "RowsPerStrip")
    code = {3: "<H", 4: "<I"}[int(tag.dtype)]
    assert reason(image_files.patch(data, tag.valueoffset, code, 2)) == "unreadable"


def next_directory_at(data: bytes, page: int) -> int:
    with tifffile.TiffFile(io.BytesIO(data)) as tif:
        found = tif.pages[page]
        return found.offset + 2 + 12 * len(found.tags)


def test_directories_in_a_circle():
    data = image_files.tiff(STACK)
    with tifffile.TiffFile(io.BytesIO(data)) as tif:
        first = tif.pages[0].offset
    looped = image_files.patch(data, next_directory_at(data, 4), "<I", first)
    np.testing.assert_array_equal(images.decode(looped, 4), STACK[4])
    with pytest.raises(errors.ImageError, match="run in a circle") as caught:
        images.plane_count(looped, "a.tif")
    assert caught.value.reason == "unreadable"
    assert str(caught.value).startswith("a.tif: ")
    assert reason(looped, 5) == "unreadable"


def test_directory_beyond_the_file():
    data = image_files.tiff(STACK)
    lost = image_files.patch(data, next_directory_at(data, 1), "<I", 10**8)
    np.testing.assert_array_equal(images.decode(lost, 1), STACK[1])
    assert reason(lost, 2) == "truncated"


def test_cut_stack_behind_one_directory():
    data = image_files.bare_tiff(STACK, [(33629, image_files.RATIONAL, len(STACK), 8)])
    assert reason(data[:-10], 4) == "truncated"
    np.testing.assert_array_equal(images.decode(data[:-10], 3), STACK[3])


@pytest.mark.parametrize(("width", "height"), [(1_000_000, 1_000_000), (2**31, 2**31)])
def test_huge_declared_sizes_are_refused_before_decoding(width, height):
    data = image_files.tiff(GREY8, compression="lzw")
    for name, value in (("ImageWidth", width), ("ImageLength", height)):
        tag = tag_of(data, name)
        at = tag.offset
        data = image_files.patch(data, at, "<HHII", tag.code, image_files.LONG, 1, value)
    assert reason(data) == "too large"


def test_many_samples_are_refused_before_decoding():
    data = image_files.tiff(np.zeros((20, 20, 50), np.uint8), planarconfig="contig")
    with pytest.raises(errors.ImageError, match="max_pixels") as caught:
        images.decode(data, max_pixels=1000)
    assert caught.value.reason == "too large"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite(value):
    array = GREY8.astype(np.float32)
    array[2, 3] = value
    with pytest.raises(errors.ImageError, match=r"1 of 888 pixels .* first at \(2, 3\)") as caught:
        images.decode(image_files.tiff(array))
    assert caught.value.reason == "not finite"


def test_float64_beyond_float32_is_not_finite():
    assert reason(image_files.tiff(np.array([[1e300, 0.0]]))) == "not finite"


def test_complex_numbers_are_unsupported():
    assert reason(image_files.tiff(GREY8.astype(np.complex64))) == "unsupported"
