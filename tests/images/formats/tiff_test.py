"""TIFF: every layout and type gives the pixels written, every kind of damage a reason."""

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
GREY16 = RNG.integers(0, 65536, (24, 37), dtype=np.uint16)
COLOUR = RNG.integers(0, 256, (24, 37, 3), dtype=np.uint8)
STACK = RNG.integers(0, 65536, (5, 24, 37), dtype=np.uint16)


def same(found, expected):
    assert found.dtype == expected.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, expected)


def tag_of(data: bytes, name: str) -> tifffile.TiffTag:
    with tifffile.TiffFile(io.BytesIO(data)) as tif:
        return tif.pages[0].tags[name]


@pytest.mark.parametrize("compression", [None, "lzw", "deflate", "packbits", "zstd"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_types_compressions_byte_orders(compression, order, bigtiff, dtype):
    array = GREY16.astype(dtype)
    data = image_files.tiff(
        array, compression=compression, byteorder=order, bigtiff=bigtiff, rowsperstrip=7
    )
    same(images.decode(data), array)


@pytest.mark.parametrize("compression", ["lzw", "deflate"])
def test_predictor_and_tiles(compression):
    data = image_files.tiff(GREY16, compression=compression, predictor=True, tile=(16, 16))
    same(images.decode(data), GREY16)


def test_floating_point_predictor():
    array = GREY16.astype(np.float32) / 7
    same(images.decode(image_files.tiff(array, compression="deflate", predictor=3)), array)


@pytest.mark.parametrize("options", [{}, {"compression": "lzw", "rowsperstrip": 5}])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colour_contiguous_and_planar(options, planar):
    array = COLOUR if planar == "contig" else np.moveaxis(COLOUR, -1, 0)
    data = image_files.tiff(array, photometric="rgb", planarconfig=planar, **options)
    same(images.decode(data), COLOUR)
    assert images.plane_count(data) == 1


def test_jpeg_inside_is_near_the_original():
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    data = image_files.tiff(smooth, compression="jpeg", compressionargs={"level": 95})
    assert np.abs(images.decode(data).astype(int) - smooth).max() <= 3


def test_jpeg_colour_comes_back_as_rgb():
    flat = np.full((32, 32, 3), (200, 30, 90), np.uint8)
    data = image_files.tiff(flat, photometric="rgb", compression="jpeg")
    assert images.decode(data).shape == (32, 32, 3)
    assert np.abs(images.decode(data).astype(int) - flat).max() <= 4


def test_white_is_zero_is_inverted():
    same(images.decode(image_files.tiff(GREY8, photometric="miniswhite")), 255 - GREY8)
    same(images.decode(image_files.tiff(GREY16, photometric="miniswhite")), 65535 - GREY16)


def test_white_is_zero_has_no_meaning_for_floats():
    data = image_files.tiff(GREY8.astype(np.float32), photometric="miniswhite")
    with pytest.raises(errors.ImageError, match="0 is white") as caught:
        images.decode(data)
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (np.array([[0, 1], [0, 1]], bool), np.array([[0, 255], [0, 255]], np.uint8)),
        (np.array([[0, 127]], np.int8), np.array([[0, 127]], np.uint8)),
        (np.array([[-5, 127]], np.int8), np.array([[-5, 127]], np.float32)),
        (np.array([[0, 32767]], np.int16), np.array([[0, 32767]], np.uint16)),
        (np.array([[-1, 300]], np.int16), np.array([[-1, 300]], np.float32)),
        (np.array([[0, 65535]], np.uint32), np.array([[0, 65535]], np.uint16)),
        (np.array([[0, 65536]], np.uint32), np.array([[0, 65536]], np.float32)),
        (np.array([[-1, 9]], np.int32), np.array([[-1, 9]], np.float32)),
        (np.array([[0.5, -2]], np.float64), np.array([[0.5, -2]], np.float32)),
        (np.array([[0.5, 2]], np.float16), np.array([[0.5, 2]], np.float32)),
    ],
)
def test_rule_for_other_types(stored, expected):
    same(images.decode(image_files.tiff(stored)), expected)


def test_pages_are_planes():
    data = image_files.tiff(STACK)
    assert images.plane_count(data) == 5
    for plane, expected in enumerate(STACK):
        same(images.decode(data, plane), expected)


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_separate_samples_are_planes(compression):
    data = image_files.tiff(STACK, planarconfig="separate", compression=compression)
    assert images.plane_count(data) == 5
    same(images.decode(data, 3), STACK[3])


def test_contiguous_samples_that_are_no_colour_are_planes():
    data = image_files.tiff(np.moveaxis(STACK, 0, -1), planarconfig="contig")
    assert images.plane_count(data) == 5
    same(images.decode(data, 4), STACK[4])


def test_depth_is_planes():
    volume = (
        np.repeat(GREY8[None, :16, :32], 4, axis=0)
        // np.arange(1, 5, dtype=np.uint8)[:, None, None]
    )
    data = image_files.tiff(volume, volumetric=True, tile=(4, 16, 16))
    assert images.plane_count(data) == 4
    same(images.decode(data, 2), volume[2])


def test_ome_and_imagej_stacks():
    for kind in ({"ome": True}, {"imagej": True}):
        data = image_files.tiff(STACK, metadata={"axes": "ZYX"}, **kind)
        assert images.plane_count(data) == 5
        same(images.decode(data, 2), STACK[2])


@pytest.mark.parametrize("write", [image_files.metamorph, image_files.imagej_stack])
def test_planes_behind_one_directory(write):
    data = write(STACK)
    assert images.plane_count(data) == 5
    for plane in (0, 1, 4):
        same(images.decode(data, plane), STACK[plane])


def test_metamorph_image_without_plane_count():
    data = image_files.bare_tiff(STACK[:1], [(33628, image_files.LONG, 1, 0)])
    assert images.plane_count(data) == 1
    same(images.decode(data), STACK[0])


def test_flex_planes_are_pages_whatever_its_xml_says():
    text = b"<Root><FLEX/></Root>\0"
    data = image_files.tiff(
        STACK[:2], compression="packbits", extratags=[(65200, 2, len(text), text, True)]
    )
    assert images.plane_count(data) == 2
    same(images.decode(data, 1), STACK[1])


def test_thumbnails_and_masks_are_no_planes():
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for array, kind in ((GREY8[:8, :8], 1), (GREY8, 0), (GREY8 > 9, 4), (GREY8 // 2, 0)):
            writer.write(array, subfiletype=kind, photometric="minisblack", metadata=None)
    assert images.plane_count(out.getvalue()) == 2
    same(images.decode(out.getvalue(), 0), GREY8)
    same(images.decode(out.getvalue(), 1), GREY8 // 2)


def test_grey_palette_gives_grey_and_colour_palette_colour():
    ramp = np.arange(256, dtype=np.uint16)[::-1]
    grey = np.stack([ramp << 8] * 3)
    data = image_files.tiff(GREY8, photometric="palette", colormap=grey)
    same(images.decode(data), 255 - GREY8)
    data = image_files.tiff(
        GREY8, photometric="palette", colormap=np.stack([ramp << 8, ramp, ramp])
    )
    same(images.decode(data), np.stack([255 - GREY8, 0 * GREY8, 0 * GREY8], axis=-1))


def test_palette_of_8_bit_entries_is_taken_as_such():
    ramp = np.arange(256, dtype=np.uint16)
    data = image_files.tiff(GREY8, photometric="palette", colormap=np.stack([ramp] * 3))
    same(images.decode(data), GREY8)


def test_deep_colour_turns_grey_by_the_mean():
    array = np.stack([STACK[0], STACK[1], STACK[2]], axis=-1)
    data = image_files.tiff(array, photometric="rgb")
    expected = np.rint(array.astype(np.float64).mean(axis=-1)).astype(np.uint16)
    same(images.decode(data), expected)


def test_alpha_is_dropped_where_opaque_and_laid_over_black_otherwise():
    alpha = np.full((24, 37, 1), 255, np.uint8)
    opaque = np.concatenate([COLOUR, alpha], axis=-1)
    same(images.decode(image_files.tiff(opaque, photometric="rgb", extrasamples=[2])), COLOUR)
    alpha[0, 0] = 51  # a fifth
    thin = np.concatenate([COLOUR, alpha], axis=-1)
    found = images.decode(image_files.tiff(thin, photometric="rgb", extrasamples=[2]))
    assert found[0, 0].tolist() == np.rint(COLOUR[0, 0] / 5).astype(int).tolist()
    same(found[1:], COLOUR[1:])


def test_grey_with_alpha_is_one_plane():
    pair = np.stack([GREY8, np.full_like(GREY8, 255)], axis=-1)
    data = image_files.tiff(pair, planarconfig="contig", extrasamples=[2])
    assert images.plane_count(data) == 1
    same(images.decode(data), GREY8)


@pytest.mark.parametrize("plane", [-1, 5])
@pytest.mark.parametrize("write", [image_files.tiff, image_files.metamorph])
def test_no_such_plane(write, plane):
    with pytest.raises(errors.ImageError, match=f"plane {plane} was asked for; the file has 5"):
        images.decode(write(STACK), plane)


# Damage.


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
    same(images.decode(looped, 4), STACK[4])
    with pytest.raises(errors.ImageError, match="run in a circle") as caught:
        images.plane_count(looped, "a.tif")
    assert caught.value.reason == "unreadable"
    assert str(caught.value).startswith("a.tif: ")
    assert reason(looped, 5) == "unreadable"


def test_directory_beyond_the_file():
    data = image_files.tiff(STACK)
    lost = image_files.patch(data, next_directory_at(data, 1), "<I", 10**8)
    same(images.decode(lost, 1), STACK[1])
    assert reason(lost, 2) == "truncated"


def test_cut_stack_behind_one_directory():
    data = image_files.bare_tiff(STACK, [(33629, image_files.RATIONAL, len(STACK), 8)])
    assert reason(data[:-10], 4) == "truncated"
    same(images.decode(data[:-10], 3), STACK[3])


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


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_gives_an_image_or_an_image_error(data):
    whole = image_files.tiff(
        STACK[:2, :9, :11], compression=data.draw(st.sampled_from([None, "lzw"]))
    )
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    try:
        found = images.decode(bytes(broken), max_pixels=10**6)
    except errors.ImageError:
        return
    assert found.dtype in (np.uint8, np.uint16, np.float32)
    assert found.ndim == 2 or found.shape[2] == 3
