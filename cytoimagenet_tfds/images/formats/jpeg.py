"""JPEG: grey, YCbCr, RGB, CMYK and YCCK, baseline or progressive.

CMYK is turned into RGB as (255 - C) * (255 - K) / 255, rounded, and so on; a file with an Adobe
marker holds the complements of its inks, as is usual. The orientation mark of cameras is not
followed. Decoders fill what a cut file lacks with grey, so that the end mark is asked for first.
"""

from __future__ import annotations

import imagecodecs
import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs

_START = b"\xff\xd8\xff"
END = b"\xff\xd9"
_SCAN = 0xDA
_SCAN_MARK = b"\xff\xda"
# Each takes the time of the whole image and needs some bytes. Programs write about ten.
_MOST_SCANS = 200
_ADOBE = 0xEE
_NO_FRAME = (0xC4, 0xC8, 0xCC)  # between C0 and CF, but not the start of a frame
_STANDALONE = (0x01, *range(0xD0, 0xD9))


def matches(head: bytes) -> bool:
    """Whether the first bytes are those of a JPEG."""
    return head.startswith(_START)


def count(blob: blobs.Blob) -> int:
    """A JPEG has one plane."""
    return 1


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes the image: [H, W] for one component, otherwise [H, W, 3]."""
    blob.check_plane(plane, 1)
    data = blob.whole()
    markers, scan = check(blob, data)
    if data.rfind(END, scan) < 0:
        raise blob.error("truncated", f"the JPEG has no end mark within its {blob.size} bytes.")
    array: convert.Array = imagecodecs.jpeg8_decode(data)
    if array.ndim == 3 and array.shape[-1] == 4:
        array = _rgb(array, inverted=_ADOBE in markers)
    return convert.samples(array)


def check(blob: blobs.Blob, data: bytes) -> tuple[dict[int, int], int]:
    """Raises ImageError where a JPEG is larger than the limit, or has too many scans.

    Returns:
      The first offset of each marker, and where the first scan begins.
    """
    markers, scan = _markers(data)
    frames = [m for m in markers if 0xC0 <= m <= 0xCF and m not in _NO_FRAME]
    if scan < 0 or not frames:
        raise blob.error("truncated", "the JPEG ends within its headers.")
    size = data[markers[frames[0]] + 5 : markers[frames[0]] + 9]
    blob.check_size(int.from_bytes(size[:2], "big"), int.from_bytes(size[2:], "big"))
    scans = data.count(_SCAN_MARK)
    if scans > _MOST_SCANS:
        raise blob.error("unsupported", f"the JPEG has {scans:,} scans; {_MOST_SCANS} are allowed.")
    return markers, scan


def _markers(data: bytes) -> tuple[dict[int, int], int]:
    """Returns the first offset of each marker's 0xFF byte, and where the first scan begins."""
    found: dict[int, int] = {}
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        found.setdefault(marker, position)
        if marker == _SCAN:
            return found, position
        length = 0 if marker in _STANDALONE else int.from_bytes(data[position + 2 : position + 4])
        position += 2 + length
    return found, -1


def _rgb(cmyk: convert.Array, *, inverted: bool) -> convert.Array:
    light = cmyk.astype(np.float64) if inverted else 255.0 - cmyk.astype(np.float64)
    return np.rint(light[..., :3] * light[..., 3:] / 255.0).astype(np.uint8)
