"""Checksums of long chunks, compared together: what each of them by itself would say."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images.formats import png_parts

NOISE = np.random.default_rng(0).bytes(40_000)
LONG = png_parts._LONG


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + _sum(kind + content)


def _sum(data):
    return struct.pack(">I", zlib.crc32(data))


def _file(sizes):
    parts = [_chunk(b"IDAT", NOISE[size : 2 * size]) for size in sizes]
    return b"".join([png_parts.SIGNATURE, _chunk(b"IHDR", bytes(13)), *parts, _chunk(b"IEND", b"")])


def _one_by_one(data):
    """The chunks, or what is wrong with the first that is not whole."""
    found, at = [], 8
    while True:
        if at + 12 > len(data):
            return "truncated"
        (length,) = struct.unpack(">I", data[at : at + 4])
        end = at + 8 + length
        if end + 4 > len(data):
            return "truncated"
        if _sum(data[at + 4 : end]) != data[end : end + 4]:
            return f"a checksum does not fit, at byte {at:,}."
        found.append((data[at + 4 : at + 8], at, data[at + 8 : end]))
        if data[at + 4 : at + 8] == b"IEND":
            return found
        at = end + 4


def _together(data):
    try:
        return [(c.kind, c.start, bytes(c.content)) for c in png_parts.chunks(memoryview(data))]
    except errors.ImageError as error:
        return "truncated" if error.reason == "truncated" else str(error).split(": ", 1)[-1]


_sizes = st.lists(st.sampled_from([0, 5, LONG - 9, LONG - 8, LONG, 8192, 20_000]), max_size=6)


@settings(deadline=None, max_examples=200)
@given(_sizes, st.data())
def test_damage_is_told_as_of_each_chunk_by_itself(sizes, draw):
    data = bytearray(_file(sizes))
    assert _together(bytes(data)) == _one_by_one(bytes(data))
    places = st.tuples(st.integers(8, len(data) - 1), st.integers(1, 255))
    for place, change in draw.draw(st.lists(places, min_size=1, max_size=3)):
        data[place] ^= change
    cut = draw.draw(st.integers(8, len(data)) | st.just(len(data)))
    assert _together(bytes(data[:cut])) == _one_by_one(bytes(data[:cut]))


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_of_a_long_chunk_is_lost(bit):
    whole = _file([LONG, LONG, LONG])
    starts = [start for _, start, _ in _one_by_one(whole)][1:-1]
    for start in starts:
        for at in (start + 8, start + 1000, start + 8 + LONG - 1, start + 8 + LONG):
            data = bytearray(whole)
            data[at] ^= 1 << bit
            assert _together(bytes(data)) == f"a checksum does not fit, at byte {start:,}."


def test_the_first_of_several_is_told():
    data = bytearray(_file([8192, 8192, 8192]))
    starts = [start for _, start, _ in _one_by_one(bytes(data))]
    for start in starts[2:4]:
        data[start + 100] ^= 255
    assert _together(bytes(data)).endswith(f"at byte {starts[2]:,}.")
