"""The images of a zip as its directory announces them, so that each is read once.

The directory says length and CRC-32 of every image, which is all that choosing needs; what an image
is like shows when it is copied. Where one is not whole, what was written is thrown away, and all
are checked before any is chosen.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from etils import epath

from cytoimagenet_tfds import archives, files, images, members
from cytoimagenet_tfds.build import chunks, memory, plan_table, rendered, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import choosing, pixels

OTHER_SIZE = "images of other size"  # than the published bounds

_BLANK = chunks.Line("", "")


def images_of(planned: stored_plan.StoredPlan) -> rendered.Rendered:
    """Returns the images of a plan whose files are all members of zips.

    Height and width are 0, as are the bounds: only the images tell. A row whose file is missing
    is rejected.
    """
    wanted = planned.select(["missing", "files"])
    tables = (_announced(wanted, start, end) for start, end in plan_table.slices(len(planned)))
    return rendered.collect(("",), tables, planned.spool(rendered.IMAGE))


def _announced(wanted: stored_plan.StoredPlan, start: int, end: int) -> pa.Table:
    """Returns some rows as `rendered.collect` takes them."""
    rows = np.arange(start, end)
    found = wanted.take(rows)
    there = pc.equal(found["missing"], "")
    places = pc.extract_regex(found["files"], archives.ZIP_PLACE)
    own = {
        "row": pa.array(rows, pa.int32()),
        "chunk": pa.repeat(pa.scalar(0, pa.int32()), len(rows)),
        "length": _number(places, "size"),
        "crc32": _number(places, "crc"),
        "reason": pc.if_else(there, "", pixels.MISSING),
        "message": pc.if_else(there, "", pixels.MISSING_MESSAGE),
    }
    rest = {n: pa.repeat(v, len(rows)) for n, v in _BLANK._asdict().items() if n not in own}
    return pa.table({**own, **rest})


def note(facts: dict[str, Any], counts: Mapping[str, int]) -> None:
    """Notes what was found while the images were copied."""
    choosing.note_other_size(facts, counts[OTHER_SIZE])


def _number(places: Any, name: str) -> Any:
    return pc.struct_field(places, name).cast(pa.int64()).fill_null(0)


@dataclasses.dataclass(frozen=True)
class ReadAnnounced:
    """Reads PNGs from the archive and checks each.

    Attributes:
      roots: dir_name -> folder of the archive.
    """

    roots: Mapping[str, str]

    @contextlib.contextmanager
    def __call__(self, folder: epath.Path) -> Iterator[chunks.Read]:
        """Gives what reads the bytes of an image; `folder` of the chunks has none of them."""
        memory.keep_for_images()
        with members.Members() as opened:
            yield _Reading(self.roots, opened)

    def content(self, dir_name: str, text: str) -> bytes:
        """Returns the file of an image; raises ImageError where it cannot be read."""
        return files.read_bytes(self.roots[dir_name], files.parse(text))


class _Reading:
    """Reads images that were not read before."""

    def __init__(self, roots: Mapping[str, str], opened: members.Members) -> None:
        self._roots, self._opened = roots, opened
        self._others: list[str] = []  # appended to by several threads at once

    def __call__(self, place: chunks.Place) -> bytes:
        """Returns the bytes of an image; raises ImageError where it cannot be used."""
        data = self._opened.read(self._roots[place.dir_name], files.parse(place.files))
        size = images.check_grey_png(data)
        if place.height and size != (place.height, place.width):
            self._others.append(place.key)
        return data

    def counts(self) -> dict[str, int]:
        """Returns how many crops are not as large as published."""
        return {OTHER_SIZE: len(self._others)}
