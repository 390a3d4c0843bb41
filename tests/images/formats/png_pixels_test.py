"""The fast way to the pixels of a PNG beside libpng's, on files of every kind."""

from __future__ import annotations

import gc
import itertools
import struct
import sys
import zlib

import cv2
import image_files
import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds.images.formats import png_parts, png_pixels

KINDS = [
    (depth, colour)
    for colour, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)),
                           (6, (8, 16)))
    for depth in depths
]  # fmt: skip
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]  # fmt: skip
TRANSPARENT = {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\0\x80\xff"}
NOISE = np.random.default_rng(5).integers(0, 256, (60, 70), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _small_images_too(monkeypatch):
    monkeypatch.setattr(png_pixels, "_WORTH", 0)


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def written(header: png_parts.Header, rows: bytes, before=(), cuts=(), after=()) -> bytes:
    """A file of given rows, packed into as many chunks as there are cuts, and one."""
    packed = zlib.compress(rows, 1)
    ends = [0, *sorted(int(cut * len(packed)) for cut in cuts), len(packed)]
    parts = [chunk(b"IDAT", packed[a:b]) for a, b in itertools.pairwise(ends)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *vars(header).values()))
    return png_parts.SIGNATURE + b"".join([head, *before, *parts, *after, chunk(b"IEND", b"")])


def noise(header: png_parts.Header, filters, seed: int) -> bytes:
    """Rows of noise, each with one of some filters: any such bytes are an image."""
    rng = np.random.default_rng(seed)
    rows = []
    sizes = [(header.height, header.width)] if not header.interlace else [
        (-(-(header.height - y) // down), -(-(header.width - x) // right))
        for x, y, right, down in PASSES
    ]  # fmt: skip
    for height, width in sizes:
        if height > 0 and width > 0:
            length = png_parts.Header(width, height, *list(vars(header).values())[2:]).row_bytes
            part = rng.integers(0, 256, (height, length), dtype=np.uint8)
            part[:, 0] = rng.choice(filters, height)
            rows.append(part.tobytes())
    return b"".join(rows)


@st.composite
def files(draw):
    depth, colour = draw(st.sampled_from(KINDS))
    interlace = draw(st.sampled_from([0, 0, 0, 1]))
    side = st.integers(1, 40)
    header = png_parts.Header(draw(side), draw(side), depth, colour, 0, 0, interlace)
    filters = draw(st.sampled_from([[0], [1], [0, 1], [2], [3], [4], [0, 1, 2, 3, 4]]))
    before = [chunk(b"tEXt", b"a\0b")] * draw(st.integers(0, 1))
    if colour == 3:
        before.append(chunk(b"PLTE", bytes(range(3 * (1 << depth) % 256)) or bytes(range(192))))
    if colour in TRANSPARENT and draw(st.booleans()):
        before.append(chunk(b"tRNS", TRANSPARENT[colour][: 2 if depth == 1 else None]))
    after = [chunk(b"tIME", bytes(7))] * draw(st.integers(0, 1))
    cuts = draw(st.lists(st.floats(0, 1), max_size=3))
    return written(header, noise(header, filters, draw(st.integers(0, 99))), before, cuts, after)


def outcome(decode, data: bytes):
    """Pixels, or the error; of a file cut short its words change from one call to the next."""
    try:
        found = decode(data)
    except (imagecodecs.PngError, ValueError) as error:
        return type(error), ""
    return found.dtype, found.shape, found.tobytes()


def same(data: bytes):
    expected = outcome(imagecodecs.png_decode, data)
    assert outcome(png_pixels.decode, data) == expected
    return expected


@settings(max_examples=250, deadline=None)
@given(files())
def test_pixels_are_those_of_libpng(data):
    assert same(data)[0] in (np.uint8, np.uint16)


@settings(max_examples=120, deadline=None)
@given(files(), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_damage_has_the_same_outcome(data, place, change):
    damaged = bytearray(data)
    damaged[int(place * len(data))] ^= change
    same(bytes(damaged))
    same(data[: int(place * len(data))] or b"\0" * 8)


GREY = png_parts.Header(70, 60, 8, 0, 0, 0, 0)
ROWS = noise(GREY, [1], 1)


@pytest.mark.parametrize(
    "data",
    [
        written(GREY, ROWS + b"\0"),  # more rows than said
        written(GREY, ROWS[:-1]),
        written(GREY, b"\5" + ROWS[1:]),  # no such filter
        written(GREY, ROWS, [chunk(b"ABCD", b"")]),  # a chunk one must know
        written(GREY, ROWS, [chunk(b"IDAT", b"")]),
        written(GREY, ROWS, after=[chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", b"x")]),
        written(GREY, ROWS, [chunk(b"acTL", bytes(8))]),
        written(GREY, ROWS, [chunk(b"PLTE", bytes(5))] * 2),
        written(GREY, ROWS, [chunk(b"tRNS", bytes(1))]),
        written(GREY, ROWS, [chunk(b"gAMA", bytes(1)), chunk(b"iCCP", b"\0")]),
        written(GREY, ROWS)[:-12],  # no end
        written(png_parts.Header(70, 60, 8, 3, 0, 0, 0), ROWS),  # no palette
        written(png_parts.Header(70, 60, 8, 5, 0, 0, 0), ROWS),
        written(png_parts.Header(70, 60, 3, 0, 0, 0, 0), ROWS),
        written(png_parts.Header(70, 60, 8, 0, 1, 0, 0), ROWS),
        written(png_parts.Header(70, 0, 8, 0, 0, 0, 0), ROWS),
        written(png_parts.Header(1_000_001, 1, 8, 0, 0, 0, 0), bytes(1_000_002)),
    ],
)
def test_unusual_files_have_the_same_outcome(data):
    same(data)


@pytest.mark.parametrize("image", [NOISE, np.stack([NOISE] * 3, -1), NOISE.astype(np.uint16)])
def test_what_this_package_writes_needs_no_libpng(image, monkeypatch):
    data = cv2.imencode(".png", image)[1].tobytes()
    expected = imagecodecs.png_decode(data)
    monkeypatch.setattr(imagecodecs, "png_decode", None)
    np.testing.assert_array_equal(png_pixels.decode(data), expected)
    monkeypatch.setattr(png_pixels, "_MOST", 1000)  # where it would take too much memory
    with pytest.raises(TypeError):
        png_pixels.decode(data)


def test_damaged_files_do_not_use_python_up():
    """Where they did, the interpreter ended itself after some ten thousand."""
    data = bytearray(image_files.pillow(np.arange(2500, dtype=np.uint8).reshape(50, 50), "PNG"))
    data[60] ^= 255
    gc.collect()  # what other tests left drops hundreds of references of its own
    before, times = sys.getrefcount(None), 5000
    for _ in range(times):
        with pytest.raises(imagecodecs.PngError):
            png_pixels.decode(bytes(data))
    assert sys.getrefcount(None) > before - times // 2
