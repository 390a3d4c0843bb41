"""Where the pages of a TIFF are: a walk along its directories that believes nothing.

A TIFF is a chain of directories, each naming the next. A damaged or hostile chain leaves the
file, runs in a circle, or is cut: the walk says so instead of ending early.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator

from cytoimagenet_tfds.images.formats import blob as blobs

_SUBFILE_TYPE = 254
_SHORT = 3  # the type of 16-bit numbers
_REDUCED, _MASK = 1, 4  # bits of the subfile type: thumbnails, and masks of other pages


@dataclasses.dataclass(frozen=True)
class _Layout:
    """How numbers are stored: byte order, and the wider fields of BigTIFF."""

    order: str
    big: bool

    @property
    def count(self) -> str:
        return self.order + ("Q" if self.big else "H")

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def entry(self) -> int:
        return 20 if self.big else 12


def matches(head: bytes) -> bool:
    """Whether the first bytes are those of a TIFF or BigTIFF of either byte order."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def pages(blob: blobs.Blob) -> Iterator[int]:
    """Yields the offset of each directory, in file order, without thumbnails and masks."""
    head = blob.part(0, 8, "the TIFF header")
    order = "<" if head[:2] == b"II" else ">"
    layout = _Layout(order, big=43 in head[2:4])
    at = 8 if layout.big else 4
    seen: set[int] = set()
    while offset := _number(blob, layout.offset, at):
        if offset in seen:
            raise blob.error("unreadable", f"the TIFF directories run in a circle at {offset}.")
        seen.add(offset)
        entries = _number(blob, layout.count, offset)
        start = offset + struct.calcsize(layout.count)
        at = start + entries * layout.entry
        directory = blob.part(start, entries * layout.entry, f"the TIFF directory at {offset}")
        if not _subfile_type(directory, layout) & (_REDUCED | _MASK):
            yield offset


def _number(blob: blobs.Blob, code: str, at: int) -> int:
    (value,) = struct.unpack(code, blob.part(at, struct.calcsize(code), "a TIFF directory"))
    return int(value)


def _subfile_type(directory: bytes, layout: _Layout) -> int:
    for at in range(0, len(directory), layout.entry):
        tag, kind = struct.unpack_from(layout.order + "HH", directory, at)
        if tag == _SUBFILE_TYPE:
            code = layout.order + ("H" if kind == _SHORT else "I")
            return int(struct.unpack_from(code, directory, at + layout.entry // 2 + 2)[0])
    return 0
