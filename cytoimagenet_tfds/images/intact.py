"""Whether a PNG file is whole, without making its pixels.

Checked are the checksum of every chunk, that the compressed pixels unpack to exactly the rows the
header announces (zlib's own checksum included), and the filter of each row: what a decoder needs to
give the pixels that were encoded. It takes less time than decoding: a fifth to four fifths.
"""

from __future__ import annotations

import struct

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images.encode import decode_png
from cytoimagenet_tfds.images.formats import blob, png_parts

# The first chunk says the size, behind its length and its kind.
_SIZE, _SIZE_AT = struct.Struct(">II"), len(png_parts.SIGNATURE) + 8
_FILTERS = bytes(range(5))
_KINDS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGBA"}


def check_grey_png(data: bytes, max_pixels: int = blob.MAX_PIXELS) -> tuple[int, int]:
    """Checks that the bytes are one whole PNG of 8-bit grey pixels.

    Args:
      data: content of the file.
      max_pixels: pixels the image may have.

    Returns:
      (height, width).

    Raises:
      errors.ImageError: 'empty file', 'unknown format', 'truncated', 'unreadable', 'too large', or
        'not 8-bit grey' for a whole file with other pixels.
    """
    if not data:
        raise errors.ImageError("empty file", "the file has 0 bytes.")
    if not data.startswith(png_parts.SIGNATURE):
        message = f"the content is no PNG; it begins with {data[:8]!r}."
        raise errors.ImageError("unknown format", message)
    chunks = png_parts.chunks(memoryview(data))
    header = png_parts.header(next(chunks))
    height, width = header.height, header.width
    if width * height > max_pixels or not width * height:
        raise errors.ImageError("too large", f"the header claims {height} x {width} pixels.")
    packed = [chunk.content for chunk in chunks if chunk.kind == b"IDAT"]
    if (header.depth, header.colour) != (8, png_parts.GREY):
        kind = _KINDS.get(header.colour, header.colour)
        message = f"{header.depth}-bit {kind}, expected 8-bit grey."
        raise errors.ImageError("not 8-bit grey", message)
    if header.interlace:
        decode_png(data)
    else:
        _check_rows(packed, header)
    return height, width


def png_size(data: bytes) -> tuple[int, int]:
    """Returns (height, width) of what `check_grey_png` has found to be whole."""
    width, height = _SIZE.unpack_from(data, _SIZE_AT)
    return height, width


def _check_rows(packed: list[memoryview], header: png_parts.Header) -> None:
    rows = png_parts.unpack(packed, header.height * header.row_bytes)
    if rows[:: header.row_bytes].translate(None, _FILTERS):
        raise errors.ImageError("unreadable", "a row has a filter that PNG does not know.")
