"""The first plane of a plain TIFF: grey, 8 or 16 bits, not packed, its strips one after another.

Files of BBBC010, BBBC017, BBBC022 and BBBC038 are such; many others are packed, colour or floats.
To read one, a walk over its first directory is enough; tifffile looks at everything a TIFF may
hold, for a tenth of a millisecond or two in which no other thread gets the interpreter. Whatever
is unusual, damaged or not known here is left to it.
"""

from __future__ import annotations

import math
import struct

import numpy as np

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs

_WIDTH, _HEIGHT, _BITS, _OFFSETS, _ROWS, _LENGTHS = 256, 257, 258, 273, 278, 279
# Tag -> the value it must have: compression, photometric rule, subfile type, order of bits,
# samples, planar layout, predictor, kind of sample.
_FIXED = {259: 1, 262: 1, 254: 0, 266: 1, 277: 1, 284: 1, 317: 1, 339: 1}
_NEEDED = (_WIDTH, _HEIGHT, _BITS, _OFFSETS, _ROWS, _LENGTHS, 262)
# Document, description, maker, model, orientation, least and largest sample,
# resolution, place, page, program, time, person, computer, XMP, MetaMorph's own, Photoshop's, Exif,
# ImageJ's own: nothing that changes the first plane.
_WORDS = {269, 270, 271, 272, 274, 280, 281, 282, 283, 285, 286, 287, 296, 297, 305, 306,
          315, 316, 700, 33628, 33629, 33630, 33631, 34377, 34665, 50838, 50839}  # fmt: skip
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_CODES = {3: "H", 4: "I"}  # type of a field -> code of its numbers
_MOST = 64  # fields

_Fields = dict[int, tuple[int, ...]]


def decode(blob: blobs.Blob) -> convert.Array | None:
    """Returns the first plane, [H, W] uint8 or uint16; None where the file is not so plain.

    Raises:
      errors.ImageError: 'empty image' or 'too large', by its height and width.
    """
    head = blob.part(0, min(8, blob.size), "the TIFF header")
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < 8:
        return None
    fields = _fields(blob, order, struct.unpack(order + "I", head[4:])[0])
    if not _are_plain(fields):
        return None
    (height,), (width,), (bits,) = (fields[tag] for tag in (_HEIGHT, _WIDTH, _BITS))
    blob.check_size(height, width)
    start, length = fields[_OFFSETS][0], height * width * bits // 8
    if not _is_one_piece(fields, length) or start + length > blob.size:
        return None
    stored = blob.pixels(start, length, "the pixels")
    return convert.grey(np.frombuffer(stored, f"{order}u{bits // 8}").reshape(height, width))


def _fields(blob: blobs.Blob, order: str, at: int) -> _Fields:
    """Returns the numbers of the directory at a byte; {} where it has fields not known here."""
    (entries,) = _numbers(blob, order + "H", at) or (0,)
    first, size = at + 2, 12 * entries
    if entries > _MOST or first + size > blob.size:
        return {}
    found: _Fields = {}
    directory = blob.part(first, size, "the TIFF directory")
    for number, entry in enumerate(struct.iter_unpack(order + "HHII", directory)):
        tag, kind, count, value = entry
        if tag in _WORDS:
            continue
        if kind not in _CODES or tag in found or not (tag in _NEEDED or tag in _FIXED):
            return {}
        code = f"{order}{count}{_CODES[kind]}"
        inside = count <= 4 // struct.calcsize(_CODES[kind])
        found[tag] = _numbers(blob, code, first + 12 * number + 8 if inside else value)
    return found


def _numbers(blob: blobs.Blob, code: str, at: int) -> tuple[int, ...]:
    """Returns numbers that lie at a byte; none where the file ends before."""
    length = struct.calcsize(code)
    if at + length > blob.size:
        return ()
    return struct.unpack(code, blob.part(at, length, "a TIFF field"))


def _are_plain(fields: _Fields) -> bool:
    single = all(len(fields[tag]) == 1 for tag in fields if tag not in (_OFFSETS, _LENGTHS))
    return (
        all(fields.get(tag) for tag in _NEEDED)
        and single
        and all(fields[tag][0] == value for tag, value in _FIXED.items() if tag in fields)
        and fields[_BITS][0] in (8, 16)
        and fields[_ROWS][0] > 0
    )


def _is_one_piece(fields: _Fields, length: int) -> bool:
    """Whether strips are as many as they should be, in one piece of so many bytes."""
    offsets, lengths = fields[_OFFSETS], fields[_LENGTHS]
    strips = math.ceil(fields[_HEIGHT][0] / fields[_ROWS][0])
    if not len(offsets) == len(lengths) == strips or not all(lengths) or sum(lengths) != length:
        return False
    return all(a + n == b for a, n, b in zip(offsets, lengths, offsets[1:], strict=False))
