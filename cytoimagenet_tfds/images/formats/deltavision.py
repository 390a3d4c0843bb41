"""DeltaVision (.dv, .r3d): an MRC variant with a 1024-byte header.

Width, height and number of planes are int32 at bytes 0, 4 and 8, the pixel type at 12, the length
of the extended header at 92; the int16 at 96 is -16224 in the byte order of the file. Planes
follow the extended header in file order, whatever their z, channel and time are (bytes 182, 196
and 180 say which runs fastest). Rows are stored from the bottom up and are turned here, so that
an image stands as IDR shows it.
"""

from __future__ import annotations

import struct

import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs

_HEADER = 1024
_MAGIC = -16224
_MAGIC_AT = 96
_TYPES = {0: "u1", 1: "i2", 2: "f4", 6: "u2", 7: "i4", 8: "f8"}  # 3 and 4 are complex


def matches(head: bytes) -> bool:
    """Whether the mark of DeltaVision files is at byte 96, and not that of plain MRC at 208."""
    return len(head) >= 212 and _byte_order(head) != "" and head[208:211] != b"MAP"


def count(blob: blobs.Blob) -> int:
    """Returns the number of planes that the header gives."""
    header = blob.part(0, _HEADER, "the DeltaVision header")
    (planes,) = struct.unpack_from(_byte_order(header) + "i", header, 8)
    if planes < 1:
        raise blob.error("unreadable", f"the header counts {planes} planes.")
    return int(planes)


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes one plane: [H, W]."""
    header = blob.part(0, _HEADER, "the DeltaVision header")
    order = _byte_order(header)
    width, height, planes, code = struct.unpack_from(order + "4i", header)
    (extended,) = struct.unpack_from(order + "i", header, 92)
    blob.check_size(height, width)
    blob.check_plane(plane, planes)
    if code not in _TYPES:
        raise blob.error(
            "unsupported", f"pixel type {code}; known are {', '.join(map(str, _TYPES))}."
        )
    dtype = np.dtype(order + _TYPES[code])
    length = height * width * dtype.itemsize
    pixels = blob.part(_HEADER + extended + plane * length, length, f"plane {plane}")
    return convert.grey(np.frombuffer(pixels, dtype).reshape(height, width)[::-1])


def _byte_order(header: bytes) -> str:
    for order in "<>":
        if struct.unpack_from(order + "h", header, _MAGIC_AT)[0] == _MAGIC:
            return order
    return ""
