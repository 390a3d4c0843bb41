"""The pixels of a PNG file, sooner than libpng alone gives them.

libpng unpacks with zlib and undoes filters byte by byte. Here libdeflate unpacks, in half the time.
Rows of filter Sub, which fast encoders write, are running sums; others go to libpng as rows that
are not packed, so that undoing their filters is all that is left to do. Whatever is damaged or
unusual goes to libpng as it is, which gives the image or the error.
"""

from __future__ import annotations

import ctypes

import imagecodecs
import numpy as np

from cytoimagenet_tfds import checksums, errors
from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import png_parts

_WORTH, _MOST = 2**14, 2**25  # bytes of rows: below it does not pay, above it takes much memory
_MAX_SIDE = 1_000_000  # libpng refuses longer ones
_NONE, _SUB = 0, 1
_CRITICAL = {b"PLTE", b"IDAT", b"IEND"}  # what must be understood begins with a capital
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
_COLOURS = {b"PLTE", b"tRNS"}
_END = b"\0\0\0\0IEND\xaeB`\x82"


def decode(data: bytes) -> convert.Array:
    """Decodes a PNG file, exactly as `imagecodecs.png_decode` does.

    Args:
      data: content of the file.

    Returns:
      [H, W] or [H, W, C] uint8 or uint16. Bits below 8 fill the range, a palette is looked up,
      transparent colours become a channel of alpha.

    Raises:
      imagecodecs.PngError: the file is damaged.
      ValueError: it is no PNG.
    """
    try:
        pixels = _sooner(data)
    except errors.ImageError:
        pixels = None
    return _libpng(data) if pixels is None else pixels


def _sooner(data: bytes) -> convert.Array | None:
    """Decodes a usual file; None for an unusual one."""
    view = memoryview(data)
    if view[:8] != png_parts.SIGNATURE:
        return None
    found = png_parts.chunks(view)
    header = png_parts.header(next(found))
    if not _is_usual(header):
        return None
    rest = list(found)
    kinds = [chunk.kind for chunk in rest]
    packed = [chunk.content for chunk in rest if chunk.kind == b"IDAT"]
    if not _are_usual(kinds, len(packed)):
        return None
    rows = png_parts.unpack(packed, header.height * header.row_bytes)
    pixels = _summed(rows, header) if _COLOURS.isdisjoint(kinds) else None
    if pixels is None:
        pixels = _by_libpng(view[: rest[kinds.index(b"IDAT")].start], rows)
    return pixels


def _is_usual(header: png_parts.Header) -> bool:
    return (
        header.colour in png_parts.SAMPLES
        and not (header.compression or header.filtering or header.interlace)
        and max(header.height, header.width) <= _MAX_SIDE
        and _WORTH <= header.height * header.row_bytes <= _MOST
    )


def _are_usual(kinds: list[bytes], packed: int) -> bool:
    """Whether pixels lie in one piece, and nothing says to read them in another way."""
    unknown = {kind for kind in set(kinds) if kind[:1].isupper()} - _CRITICAL
    if not packed or unknown or not _ANIMATION.isdisjoint(kinds):
        return False
    first = kinds.index(b"IDAT")
    return kinds[first : first + packed] == [b"IDAT"] * packed


def _summed(rows: bytes, header: png_parts.Header) -> convert.Array | None:
    """Undoes the filters None and Sub; None where there are others, or no whole bytes."""
    if header.depth not in (8, 16) or header.colour == png_parts.PALETTE:
        return None
    samples, size = png_parts.SAMPLES[header.colour], header.depth // 8
    table = np.frombuffer(rows, np.uint8).reshape(header.height, header.row_bytes)
    filters = table[:, 0]
    if filters.max() > _SUB:
        return None
    stored = table[:, 1:].reshape(header.height, header.width, samples * size)
    pixels: convert.Array = imagecodecs.delta_decode(stored, axis=1)
    plain = filters == _NONE
    pixels[plain] = stored[plain]
    if size == 2:
        pixels = pixels.view(">u2").astype(np.uint16)
    return pixels if samples > 1 else pixels[..., 0]


def _by_libpng(head: memoryview, rows: bytes) -> convert.Array:
    """Decodes rows that are not packed; `head` is the file up to its pixels."""
    stored = bytes(imagecodecs.deflate_encode(rows, level=0))
    checksum = checksums.crc32(stored, checksums.crc32(b"IDAT"))
    length = len(stored).to_bytes(4, "big")
    parts = (head, length, b"IDAT", stored, checksum.to_bytes(4, "big"), _END)
    return _libpng(b"".join(parts))


def _libpng(data: bytes) -> convert.Array:
    try:
        pixels: convert.Array = imagecodecs.png_decode(data)
    except imagecodecs.PngError:
        # imagecodecs 2026.3 gives None back once too often for most damaged files. Until 3.12
        # Python counts, and ends itself after some ten thousand of them; one too many is no harm.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
        raise
    return pixels
