"""Windows bitmaps without compression, with 1, 4, 8, 24 or 32 bits a pixel.

A palette of greys gives grey levels, any other palette colour. The fourth byte of a 32-bit pixel
is unused in this format and dropped.
"""

from __future__ import annotations

import struct

import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs

_FILE_HEADER = 14
_CORE_HEADER = 12  # OS/2 1.x: 16-bit sizes, palette entries of three bytes
_UNCOMPRESSED = 0


def matches(head: bytes) -> bool:
    """Whether the first bytes are those of a BMP with a header this module knows."""
    return head.startswith(b"BM") and len(head) > 18 and head[14] in (12, 40, 52, 56, 64, 108, 124)


def count(blob: blobs.Blob) -> int:
    """A BMP has one plane."""
    return 1


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes the image: [H, W] for grey palettes, otherwise [H, W, 3]."""
    blob.check_plane(plane, 1)
    (offset,) = struct.unpack("<I", blob.part(10, 4, "the BMP header"))
    (length,) = struct.unpack("<I", blob.part(14, 4, "the BMP header"))
    header = blob.part(_FILE_HEADER, length, "the BMP header")
    if length == _CORE_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", header, 4)
        compression = _UNCOMPRESSED
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", header, 4)
    blob.check_size(abs(height), width)
    if compression != _UNCOMPRESSED or bits not in (1, 4, 8, 24, 32):
        raise blob.error(
            "unsupported",
            f"a BMP of {bits} bits with compression {compression}; 1, 4, 8, 24 and 32 bits "
            "without compression are known.",
        )
    rows = _rows(blob, offset, abs(height), width, bits)
    if height > 0:
        rows = rows[::-1]  # a positive height means that the bottom row comes first
    if bits > 8:
        return convert.colour(rows.reshape(abs(height), width, bits // 8)[..., 2::-1])
    entry = 3 if length == _CORE_HEADER else 4
    return _through_palette(blob, rows, _FILE_HEADER + length, offset, entry)


def _rows(blob: blobs.Blob, offset: int, height: int, width: int, bits: int) -> convert.Array:
    """Returns the stored rows without their padding, [H, bytes], or [H, W] below 8 bits."""
    stride = (width * bits + 31) // 32 * 4  # rows are padded to four bytes
    data = blob.part(offset, stride * height, "the pixels")
    rows = np.frombuffer(data, np.uint8).reshape(height, stride)
    if bits == 1:
        rows = np.unpackbits(rows, axis=1)
    elif bits == 4:
        rows = np.stack([rows >> 4, rows & 15], axis=-1).reshape(height, -1)
    return rows[:, : width * max(bits, 8) // 8]


def _through_palette(
    blob: blobs.Blob, codes: convert.Array, start: int, end: int, entry: int
) -> convert.Array:
    size = min(256, max(0, end - start) // entry)
    stored = blob.part(start, size * entry, "the palette")
    palette = np.frombuffer(stored, np.uint8).reshape(size, entry)[:, 2::-1]
    if size == 0 or codes.max() >= size:
        raise blob.error(
            "unreadable", f"a pixel has palette entry {codes.max()}; there are {size} entries."
        )
    if (palette == palette[:, :1]).all():
        return convert.grey(palette[:, 0][codes])
    return convert.colour(palette[codes])
