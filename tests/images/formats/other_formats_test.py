"""PNG, JPEG, BMP, Cellomics DIB and DeltaVision: pixels, rules and damage."""

from __future__ import annotations

import struct
import zlib

import image_files
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cytoimagenet_tfds import errors, images

RNG = np.random.default_rng(3)
GREY8 = RNG.integers(0, 256, (13, 21), dtype=np.uint8)
GREY16 = RNG.integers(0, 65536, (13, 21), dtype=np.uint16)
COLOUR = RNG.integers(0, 256, (13, 21, 3), dtype=np.uint8)
GREYS = [(v, v, v) for v in range(255, -1, -1)]
COLOURS = [(v, 0, 255 - v) for v in range(256)]


def same(found, expected):
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def reason(data: bytes, plane: int = 0, **options: int) -> str:
    with pytest.raises(errors.ImageError) as caught:
        images.decode(data, plane, **options)
    return caught.value.reason


# PNG.


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def bare_png(width: int, height: int, bits: int, kind: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("array", [GREY8, GREY16, COLOUR], ids=["grey", "grey16", "colour"])
def test_png(array):
    same(images.decode(image_files.pillow(array, "PNG")), array)


def test_png_below_8_bits_fills_the_range():
    rows = bytes([0, 0b00011011])
    same(images.decode(bare_png(4, 1, 2, 0, rows)), np.array([[0, 85, 170, 255]], np.uint8))
    bilevel = image_files.pillow(Image.fromarray(GREY8 > 128), "PNG")
    same(images.decode(bilevel), np.where(GREY8 > 128, 255, 0).astype(np.uint8))


def test_png_palettes():
    grey = image_files.pillow(image_files.palette(GREY8, GREYS), "PNG")
    same(images.decode(grey), 255 - GREY8)
    colour = image_files.pillow(image_files.palette(GREY8, COLOURS), "PNG")
    same(images.decode(colour), np.stack([GREY8, 0 * GREY8, 255 - GREY8], axis=-1))


def test_png_grey_palette_with_a_transparent_entry():
    codes = np.arange(4, dtype=np.uint8).reshape(2, 2)
    image = image_files.palette(codes, [(v, v, v) for v in (10, 20, 30, 40)])
    found = images.decode(image_files.pillow(image, "PNG", transparency=2))
    same(found, np.array([[10, 20], [0, 40]], np.uint8))


@pytest.mark.parametrize("grey", [True, False])
def test_png_alpha(grey):
    colour = GREY8[..., None] if grey else COLOUR
    alpha = np.full((13, 21, 1), 255, np.uint8)
    opaque = image_files.pillow(np.concatenate([colour, alpha], axis=-1), "PNG")
    same(images.decode(opaque), GREY8 if grey else COLOUR)
    alpha[:] = RNG.integers(0, 256, alpha.shape)
    thin = image_files.pillow(np.concatenate([colour, alpha], axis=-1), "PNG")
    expected = np.rint(colour.astype(float) * alpha / 255).astype(np.uint8)
    same(images.decode(thin), expected[..., 0] if grey else expected)


def test_png_deep_colour_turns_grey_by_the_mean():
    array = RNG.integers(0, 65536, (5, 6, 3), dtype=np.uint16)
    expected = np.rint(array.astype(float).mean(axis=-1)).astype(np.uint16)
    same(images.decode(images.encode_png(array)), expected)


def test_png_damage():
    data = image_files.pillow(GREY8, "PNG")
    assert reason(data[:-12]) == "truncated"
    at = data.index(b"IDAT") + 10
    assert reason(image_files.patch(data, at, "B", data[at] ^ 1)) == "unreadable"
    assert reason(bare_png(13, 21, 8, 0, b"\0" * 100)) == "unreadable"  # fewer rows than said


# JPEG.


def smooth(height: int = 40, width: int = 56) -> np.ndarray:
    return np.add.outer(np.arange(height), 2 * np.arange(width)).astype(np.uint8)


def test_jpeg_is_near_the_original():
    data = image_files.pillow(smooth(), "JPEG", quality=95)
    assert images.decode(data).shape == (40, 56)
    assert np.abs(images.decode(data).astype(int) - smooth()).max() <= 3


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2}])
def test_jpeg_colour_is_what_pillow_decodes(options, tmp_path):
    path = tmp_path / "a.png"  # the name says nothing
    path.write_bytes(image_files.pillow(COLOUR, "JPEG", **options))
    with path.open("rb") as file, Image.open(file) as expected:
        same(images.read(path), np.asarray(expected))


def test_jpeg_cmyk_turns_rgb(tmp_path):
    inks = Image.merge("CMYK", [Image.fromarray(channel) for channel in (*COLOUR.T, GREY8.T)])
    data = image_files.pillow(inks, "JPEG", quality=100, subsampling=0)
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with Image.open(path) as stored:
        cmyk = np.asarray(stored).astype(float)
    expected = np.rint((255 - cmyk[..., :3]) * (255 - cmyk[..., 3:]) / 255).astype(np.uint8)
    same(images.decode(data), expected)


@settings(max_examples=40, deadline=None)
@given(st.booleans(), st.floats(0, 1, exclude_max=True))
def test_cut_jpeg_gives_no_grey_rest(progressive, part):
    data = image_files.pillow(COLOUR, "JPEG", progressive=progressive)
    assert reason(data[: int(part * len(data))]) in ("truncated", "unknown format", "empty file")


def test_jpeg_end_mark_of_a_preview_does_not_count():
    preview = b"\xff\xe1" + struct.pack(">H", 8) + b"ab\xff\xd9cd"
    data = image_files.pillow(COLOUR, "JPEG")
    whole = data[:2] + preview + data[2:]
    same(images.decode(whole), images.decode(data))
    assert reason(whole[:-2]) == "truncated"


# BMP.


@pytest.mark.parametrize("array", [GREY8, COLOUR], ids=["grey", "colour"])
def test_bmp(array):
    same(images.decode(image_files.pillow(array, "BMP")), array)


def test_bmp_palettes():
    same(images.decode(image_files.pillow(image_files.palette(GREY8, GREYS), "BMP")), 255 - GREY8)
    found = images.decode(image_files.pillow(image_files.palette(GREY8, COLOURS), "BMP"))
    same(found, np.stack([GREY8, 0 * GREY8, 255 - GREY8], axis=-1))


def test_bmp_of_one_bit():
    found = images.decode(image_files.pillow(Image.fromarray(GREY8 > 128), "BMP"))
    same(found, np.where(GREY8 > 128, 255, 0).astype(np.uint8))


def bare_bmp(height: int, bits: int, rows: bytes, compression: int = 0) -> bytes:
    colours = bytes(v for entry in range(16) for v in (entry, entry, entry, 0)) * (bits == 4)
    offset = 54 + len(colours)
    header = struct.pack("<IiiHHIIiiII", 40, 3, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, offset) + header + colours + rows


def test_bmp_of_four_bits_and_row_order():
    rows = bytes([0x12, 0x30, 0, 0, 0x45, 0x60, 0, 0])
    bottom_up = np.array([[4, 5, 6], [1, 2, 3]], np.uint8)
    same(images.decode(bare_bmp(2, 4, rows)), bottom_up)
    same(images.decode(bare_bmp(-2, 4, rows)), bottom_up[::-1])


def test_bmp_fourth_byte_is_not_alpha():
    found = images.decode(bare_bmp(1, 32, bytes([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0])))
    same(found, np.array([[[3, 2, 1], [6, 5, 4], [9, 8, 7]]], np.uint8))


def test_bmp_damage():
    rows = bytes([0x12, 0x30, 0, 0, 0x45, 0x60, 0, 0])
    assert reason(bare_bmp(2, 4, rows[:-1])) == "truncated"
    assert reason(bare_bmp(2, 4, rows, compression=2)) == "unsupported"
    assert reason(bare_bmp(2, 16, rows + rows)) == "unsupported"
    data = image_files.pillow(image_files.palette(GREY8 % 16, GREYS), "BMP")
    few = image_files.patch(data, 10, "<I", 54 + 4 * 8)  # pixels begin within the palette
    assert reason(few) == "unreadable"


# Cellomics DIB.


def test_dib_is_16_bits_from_the_top():
    same(images.decode(image_files.cellomics(GREY16)), GREY16)


def test_dib_of_the_size_of_the_real_files():
    field = RNG.integers(0, 4096, (512, 512), dtype=np.uint16)
    data = image_files.cellomics(field)
    assert len(data) == 524_340
    same(images.decode(data), field)


def test_dib_damage():
    data = image_files.cellomics(GREY16)
    assert reason(data[:-1]) == "truncated"
    assert reason(image_files.cellomics(GREY16, bits=8)) == "unsupported"
    assert reason(image_files.cellomics(GREY16, compression=1)) == "unsupported"
    assert reason(image_files.patch(data, 4, "<i", -21)) == "empty image"


# DeltaVision.

TYPES = {0: "uint8", 1: "int16", 2: "float32", 6: "uint16", 7: "int32", 8: "float64"}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("extended", [0, 2048])
@pytest.mark.parametrize("code", TYPES)
def test_deltavision(code, extended, order):
    planes = np.stack([GREY8, GREY8 // 2, 255 - GREY8]).astype(TYPES[code])
    data = image_files.deltavision(planes, code, order, extended)
    assert images.plane_count(data) == 3
    known = {0: np.uint8, 2: np.float32, 8: np.float32}
    for plane, expected in enumerate(planes):
        same(images.decode(data, plane), expected.astype(known.get(code, np.uint16)))


def test_deltavision_negative_values_stay():
    planes = np.array([[[-3, 5]]], np.int16)
    same(images.decode(image_files.deltavision(planes, 1)), planes[0].astype(np.float32))


def test_deltavision_damage():
    data = image_files.deltavision(GREY16[None], 6)
    assert reason(data[:-1]) == "truncated"
    assert reason(data[:500]) == "truncated"
    assert reason(data, 1) == "no such plane"
    assert reason(data, -1) == "no such plane"
    assert reason(image_files.deltavision(GREY16[None], 3)) == "unsupported"
    plain_mrc = image_files.deltavision(GREY16[None], 6, map_mark=True)
    assert reason(plain_mrc) == "unknown format"


# Every format.

FILES = {
    "png": image_files.pillow(GREY8, "PNG"),
    "jpeg": image_files.pillow(GREY8, "JPEG"),
    "bmp": image_files.pillow(GREY8, "BMP"),
    "dib": image_files.cellomics(GREY16),
    "dv": image_files.deltavision(GREY16[None], 6),
    "tiff": image_files.tiff(GREY8),
    "stack": image_files.tiff(np.stack([GREY8, GREY8]), compression="lzw"),
}


@pytest.mark.parametrize("kind", FILES)
def test_limit_is_checked_before_decoding(kind):
    assert images.decode(FILES[kind], max_pixels=13 * 21).shape == (13, 21)
    with pytest.raises(errors.ImageError, match=r"13 x 21 pixels; the limit is 272") as caught:
        images.decode(FILES[kind], max_pixels=13 * 21 - 1)
    assert caught.value.reason == "too large"


@pytest.mark.parametrize("kind", ["png", "jpeg", "bmp", "dib"])
def test_one_plane(kind):
    assert images.plane_count(FILES[kind]) == 1
    assert reason(FILES[kind], 1) == "no such plane"
    assert reason(FILES[kind], -1) == "no such plane"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_damage_gives_an_image_or_an_image_error(kind, data):
    broken = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = images.decode(bytes(broken), max_pixels=10**6)
    except errors.ImageError:
        return
    assert found.dtype in (np.uint8, np.uint16, np.float32)
    assert found.ndim == 2 or found.shape[2] == 3


def test_huge_png_and_bmp_headers():
    assert reason(bare_png(2**31 - 1, 2**31 - 1, 8, 0, b"")) == "too large"
    assert reason(bare_bmp(2**31 - 1, 24, b"")) == "too large"
