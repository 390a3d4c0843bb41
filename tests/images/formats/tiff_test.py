"""TIFF: every layout and type gives the pixels written, every kind of damage a reason."""

from __future__ import annotations

import io
import struct

import image_files
import numpy as np
import pytest
import tifffile

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


@pytest.mark.parametrize("tag", [266, 317])  # order of bits, predictor
def test_uncompressed_pixels_that_are_not_as_they_lie(tag):
    data = image_files.tiff(GREY8, extratags=[(65000, "H", 1, 2, True)])
    data = data.replace(struct.pack("<H", 65000), struct.pack("<H", tag))
    expected = tifffile.imread(io.BytesIO(data))
    assert (expected != GREY8).any()
    same(images.decode(data), expected)


def test_pixels_at_an_odd_byte():
    data = image_files.tiff(GREY16)
    start = data.index(GREY16.tobytes())
    at, odd = struct.pack("<HHII", 273, 4, 1, start), struct.pack("<HHII", 273, 4, 1, start + 1)
    assert at in data
    moved = data.replace(at, odd)[:start] + b"\0" + data[start:]
    same(images.decode(moved), GREY16)
    two = images.merge([images.decode(moved), images.decode(data)])
    np.testing.assert_array_equal(two, images.merge([GREY16]))


def test_a_plane_of_many_does_not_keep_the_file_in_memory():
    kept = images.decode(image_files.tiff(STACK), 3)
    same(kept, STACK[3])
    while isinstance(kept, np.ndarray):
        kept = kept.base
    assert len(kept) == STACK[3].nbytes


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
