"""PNG: 1 to 16 bits, grey, palette or colour, with or without alpha."""

from __future__ import annotations

import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs
from cytoimagenet_tfds.images.formats import png_parts, png_pixels

_END = b"IEND\xaeB`\x82"


def matches(head: bytes) -> bool:
    """Whether the first bytes are those of a PNG."""
    return head.startswith(png_parts.SIGNATURE)


def count(blob: blobs.Blob) -> int:
    """A PNG has one plane; the further frames of an animation are not looked at."""
    return 1


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes the image. A grey palette gives grey, not colour."""
    blob.check_plane(plane, 1)
    header = blob.part(16, 10, "the PNG header")
    blob.check_size(int.from_bytes(header[4:8], "big"), int.from_bytes(header[:4], "big"))
    data = blob.whole()
    if data.rfind(_END) < 0:  # from the end, where it is
        raise blob.error("truncated", f"the PNG has no end mark within its {blob.size} bytes.")
    array = png_pixels.decode(data)
    if header[9] == png_parts.PALETTE and _has_grey_palette(data):
        array = array[..., [0, 3]] if array.shape[-1] == 4 else array[..., 0]
    return convert.samples(array)


def _has_grey_palette(data: bytes) -> bool:
    start = data.find(b"PLTE")
    length = int.from_bytes(data[start - 4 : start], "big")
    entries = np.frombuffer(data[start + 4 : start + 4 + length], np.uint8).reshape(-1, 3)
    return bool((entries == entries[:, :1]).all())
