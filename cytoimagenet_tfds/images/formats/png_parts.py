"""The parts of a PNG file: its header, its chunks with their checksums, its unpacked rows.

Format: W3C Portable Network Graphics, third edition, sections 5, 9 and 10.
"""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import imagecodecs

from cytoimagenet_tfds import checksums, errors

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
"""Type of colour -> samples a pixel is stored with."""

_HEADER = struct.Struct(">IIBBBBB")
_LONG = 1 << 11  # bytes of a chunk from which libdeflate has its checksum sooner
# CRC-32 of a message with its own checksum behind it, lowest byte first, is one number for all
# messages; these bytes lead from it back to 0, where the next message begins.
_ANEW = b"\x81\xd5\x9d\x4c"
_START, _CHECKSUM = struct.Struct(">I4s"), struct.Struct(">I")


@dataclasses.dataclass(frozen=True)
class Header:
    """What the first chunk of a PNG says.

    Attributes:
      width: pixels of a row.
      height: rows.
      depth: bits of a sample.
      colour: type of colour, a key of `SAMPLES` in a sound file.
      compression: 0 in a sound file.
      filtering: 0 in a sound file.
      interlace: 0, or 1 for rows in seven passes.
    """

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlace: int

    @property
    def row_bytes(self) -> int:
        """Bytes of an unpacked row that is not interlaced: its filter, then its samples."""
        return 1 + (self.width * SAMPLES[self.colour] * self.depth + 7) // 8


class Chunk(NamedTuple):
    """One chunk of a file.

    Attributes:
      kind: its four letters.
      start: offset of the chunk in the file.
      content: what it holds, without length, kind and checksum.
    """

    kind: bytes
    start: int
    content: memoryview


def chunks(data: memoryview) -> Iterator[Chunk]:
    """Yields every chunk up to the end mark; once that is there, all are known to be whole.

    Raises:
      errors.ImageError: 'truncated', or 'unreadable' for a checksum that does not fit.
    """
    at, size = len(SIGNATURE), len(data)
    long = _Long(data)
    while True:
        end = at + 8
        if end + 4 <= size:
            length, kind = _START.unpack_from(data, at)
            end += length
        if end + 4 > size:
            long.check()  # what is wrong before is told
            raise errors.ImageError("truncated", f"the file breaks off after {size:,} bytes.")
        if end - at >= _LONG:
            long.add(at, end)
        elif zlib.crc32(data[at + 4 : end]) != _CHECKSUM.unpack_from(data, end)[0]:
            long.check()
            raise _damaged(at)
        if kind == b"IEND":
            long.check()
        yield Chunk(kind, at, data[at + 8 : end])
        if kind == b"IEND":
            return
        at = end + 4


class _Long:
    """The long chunks of a file, whose checksums are compared together.

    A checksum for each would be as many calls around which threads wait for each other. What is
    wrong with one chunk is never lost in the next; two wrong ones hide each other as seldom as one
    hides from its own checksum, once in 2^32.
    """

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._bounds: list[tuple[int, int]] = []
        self._parts: list[memoryview | bytes] = []

    def add(self, at: int, end: int) -> None:
        """Adds the chunk that begins at `at`, with its checksum at `end`."""
        self._bounds.append((at, end))
        self._parts += (self._data[at + 4 : end], bytes(self._data[end : end + 4])[::-1], _ANEW)

    def check(self) -> None:
        """Raises ImageError 'unreadable' for the first whose checksum does not fit."""
        if checksums.crc32(b"".join(self._parts)):
            raise _damaged(next(at for at, end in self._bounds if not self._fits(at, end)))

    def _fits(self, at: int, end: int) -> bool:
        stored: int = _CHECKSUM.unpack_from(self._data, end)[0]
        return checksums.crc32(self._data[at + 4 : end]) == stored


def _damaged(at: int) -> errors.ImageError:
    return errors.ImageError("unreadable", f"a checksum does not fit, at byte {at:,}.")


def header(chunk: Chunk) -> Header:
    """Reads the first chunk of a file; ImageError 'unreadable' where it is no header."""
    if chunk.kind != b"IHDR" or len(chunk.content) != _HEADER.size:
        raise errors.ImageError("unreadable", "the file does not begin with a header.")
    return Header(*_HEADER.unpack(chunk.content))


def unpack(packed: Sequence[memoryview], size: int) -> bytes:
    """Unpacks the rows of an image, checked by zlib's own checksum.

    Args:
      packed: content of the IDAT chunks, in order.
      size: bytes of all rows; no more are ever written, so that a bomb ends there.

    Raises:
      errors.ImageError: 'unreadable' for damage or more bytes, 'truncated' for fewer.
    """
    try:
        rows = bytes(imagecodecs.deflate_decode(b"".join(packed), out=size))
    except imagecodecs.DeflateError as error:
        raise errors.ImageError("unreadable", f"pixels cannot be unpacked: {error}.") from error
    if len(rows) != size:
        raise errors.ImageError("truncated", f"{len(rows):,} of {size:,} bytes of rows are there.")
    return rows
