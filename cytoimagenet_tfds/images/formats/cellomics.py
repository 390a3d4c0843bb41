"""Cellomics DIB (BBBC017): a bitmap header without the file header, 16-bit grey pixels.

Little-endian: a 40-byte bitmap header (width at byte 4, height at 8, planes at 12, bits at 14,
compression at 16), 12 bytes more, and from byte 52 the rows, top row first, unsigned 16 bits.
Layout as in Bio-Formats' reader of the same files. General bitmap readers take the pixels for
RGB 5-5-5 from the bottom, 12 bytes too early, and give a wrong image without a word.
"""

from __future__ import annotations

import struct

import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs

_HEADER = 40
_PIXELS_AT = 52


def matches(head: bytes) -> bool:
    """Whether the first bytes are a bitmap header of one plane."""
    return len(head) >= 16 and struct.unpack_from("<I", head)[0] == _HEADER and head[12] == 1


def count(blob: blobs.Blob) -> int:
    """A DIB has one plane."""
    return 1


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes the image: [H, W] uint16."""
    blob.check_plane(plane, 1)
    header = blob.part(0, _PIXELS_AT, "the DIB header")
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", header, 4)
    blob.check_size(height, width)
    if bits != 16 or compression:
        raise blob.error(
            "unsupported",
            f"a DIB of {bits} bits with compression {compression}; expected 16 bits without.",
        )
    pixels = blob.part(_PIXELS_AT, 2 * height * width, "the pixels")
    return convert.grey(np.frombuffer(pixels, "<u2").reshape(height, width))
