"""Files of formats that no library writes, byte by byte, and of those that one does."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
import tifffile
from PIL import Image

LONG, RATIONAL, SHORT, ASCII = 4, 5, 3, 2


def tiff(array: np.ndarray, **options: object) -> bytes:
    """A TIFF as tifffile writes it, MINISBLACK unless said otherwise, without its own metadata."""
    options = {"photometric": "minisblack", "metadata": None, **options}
    out = io.BytesIO()
    tifffile.imwrite(out, array, **options)
    return out.getvalue()


def pillow(image: Image.Image | np.ndarray, kind: str, **options: object) -> bytes:
    """A file as Pillow writes it."""
    out = io.BytesIO()
    picture = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    picture.save(out, kind, **options)
    return out.getvalue()


def palette(codes: np.ndarray, colours: Sequence[tuple[int, int, int]]) -> Image.Image:
    """A palette image with these codes and colours."""
    image = Image.fromarray(codes)
    image.putpalette([value for colour in colours for value in colour])
    return image


def cellomics(array: np.ndarray, bits: int = 16, compression: int = 0) -> bytes:
    """A Cellomics DIB: 40-byte header, 12 bytes, rows from the top, unsigned 16 bits."""
    height, width = array.shape
    header = struct.pack("<IiiHHI", 40, width, height, 1, bits, compression)
    return header.ljust(52, b"\0") + array.astype("<u2").tobytes()


def deltavision(
    planes: np.ndarray, code: int, order: str = "<", extended: int = 0, map_mark: bool = False
) -> bytes:
    """A DeltaVision file with planes [N, H, W], shown with row 0 on top."""
    count, height, width = planes.shape
    header = bytearray(1024)
    struct.pack_into(order + "4i", header, 0, width, height, count, code)
    struct.pack_into(order + "i", header, 92, extended)
    struct.pack_into(order + "h", header, 96, -16224)
    if map_mark:
        header[208:212] = b"MAP "
    rows = planes[:, ::-1].astype(planes.dtype.newbyteorder(order))
    return bytes(header) + bytes(extended) + rows.tobytes()


def bare_tiff(planes: np.ndarray, tags: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """A little-endian TIFF with one directory for the first of planes [N, H, W] uint16.

    The further planes follow without a directory. `tags` are (tag, type, count, value) added.
    """
    _, height, width = planes.shape
    every = [
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, 16),
        (259, SHORT, 1, 1),
        (262, SHORT, 1, 1),
        (277, SHORT, 1, 1),
        (278, LONG, 1, height),
        (279, LONG, 1, 2 * height * width),
        *tags,
    ]
    pixels_at = 8 + 2 + 12 * (len(every) + 1) + 4
    every.append((273, LONG, 1, pixels_at))
    directory = b"".join(struct.pack("<HHII", *tag) for tag in sorted(every))
    head = b"II*\0" + struct.pack("<IH", 8, len(every))
    return head + directory + bytes(4) + planes.astype("<u2").tobytes()


def metamorph(planes: np.ndarray) -> bytes:
    """A MetaMorph stack: the count of tag UIC2 is the number of planes behind one directory."""
    size = len(bare_tiff(planes, [(33629, RATIONAL, len(planes), 0)]))
    return bare_tiff(planes, [(33629, RATIONAL, len(planes), size)]) + bytes(24 * len(planes))


def imagej_stack(planes: np.ndarray) -> bytes:
    """A stack as ImageJ writes large ones: one directory, the number of planes in its text."""
    text = f"ImageJ=1.53t\nimages={len(planes)}\nslices={len(planes)}\n\0".encode()
    size = len(bare_tiff(planes, [(270, ASCII, len(text), 0)]))
    return bare_tiff(planes, [(270, ASCII, len(text), size)]) + text


def patch(data: bytes, at: int, code: str, *values: int) -> bytes:
    """The data with numbers packed over it."""
    changed = bytearray(data)
    struct.pack_into(code, changed, at, *values)
    return bytes(changed)
