from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cytoimagenet_tfds import errors, images

RNG = np.random.Generator(np.random.PCG64(3))
PIXELS = RNG.integers(0, 255, (13, 17), dtype=np.uint8)
WHOLE = images.encode_png(PIXELS)


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def made(rows, interlace=0, size=(13, 17)):
    header = struct.pack(">IIBBBBB", size[1], size[0], 8, 0, 0, 0, interlace)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return WHOLE[:8] + b"".join(parts)


def by_pillow(mode, **options):
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(buffer, "PNG", **options)
    return buffer.getvalue()


def reason(data):
    with pytest.raises(errors.ImageError) as caught:
        images.check_grey_png(data)
    return caught.value.reason


@pytest.mark.parametrize("data", [WHOLE, by_pillow("L"), by_pillow("L", optimize=True)])
def test_whole_files_give_their_size(data):
    assert images.check_grey_png(data) == PIXELS.shape


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(at, change):
    damaged = bytearray(WHOLE)
    damaged[at] ^= change
    assert reason(bytes(damaged)) in ("unknown format", "truncated", "unreadable", "too large")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_no_shorter_file_passes(length):
    assert reason(WHOLE[:length]) in ("empty file", "unknown format", "truncated")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "I;16", "1", "P"])
def test_other_pixels_are_told(mode):
    assert reason(by_pillow(mode)) == "not 8-bit grey"


def test_rows_must_be_those_of_the_header():
    rows = b"".join(b"\0" + bytes(17) for _ in range(13))
    assert images.check_grey_png(made(rows)) == (13, 17)
    assert reason(made(rows[:-1])) == "truncated"
    assert reason(made(rows + b"\0")) == "unreadable"
    assert reason(made(b"\5" + rows[1:])) == "unreadable"
    assert reason(made(rows, size=(1 << 30, 1 << 30))) == "too large"
    assert reason(made(rows[:40], interlace=1)) == "unreadable"
