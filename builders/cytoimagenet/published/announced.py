"""The images as the archive announces them, so that each is read once.

Their lengths are all that choosing needs; what an image is like shows when it is copied. Where one
is not whole, what was written is thrown away, and all are checked before any is chosen.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent import futures
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import archives, errors, files, images
from cytoimagenet_tfds.build import chunks, plan_table, render, rendered, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import archive, pixels

_BLANK = chunks.Line("", "", height=-1, width=-1)
_PAUSES = (0.1, 1.0)  # seconds before what a disk or a network did not give is asked for again
# Threads wait for each other as long as a disk of this machine takes to tell a length; a shared one
# that answers later is asked for many at a time.
_LATE, _AT_ONCE = 1e-4, 16  # seconds a file, files


def is_near(found: archive.Archive) -> bool:
    """False where the lengths are not known without asking a store for every file."""
    return found.images.packed or "://" not in found.root


def images_of(planned: stored_plan.StoredPlan, roots: Mapping[str, str]) -> rendered.Rendered:
    """Returns the images of a plan, of which no file is read.

    Bounds are 0, heights and widths -1: only the files tell. A row whose file is missing is
    rejected.

    Args:
      planned: the plan.
      roots: dir_name -> folder of the archive.
    """
    wanted = planned.select(["missing", "dir_name", "files"])

    def tables() -> Iterator[pa.Table]:
        at_once = 1
        for start, end in plan_table.slices(len(planned)):
            begun = time.perf_counter()
            table = _announced(wanted, np.arange(start, end), roots, at_once)
            if time.perf_counter() - begun > _LATE * len(table):
                at_once = _AT_ONCE
            yield table

    return rendered.collect(("",), tables(), planned.spool(rendered.IMAGE))


def _announced(
    wanted: stored_plan.StoredPlan, rows: npt.NDArray[Any], roots: Mapping[str, str], at_once: int
) -> pa.Table:
    """Returns some rows as `rendered.collect` takes them."""
    found = wanted.take(rows)
    there = pc.equal(found["missing"], "")
    own = {
        "row": pa.array(rows, pa.int32()),
        "chunk": pa.repeat(pa.scalar(0, pa.int32()), len(rows)),
        "length": _lengths(found, roots, at_once),
        "reason": pc.if_else(there, "", pixels.MISSING),
        "message": pc.if_else(there, "", pixels.MISSING_MESSAGE),
    }
    rest = {n: pa.repeat(v, len(rows)) for n, v in _BLANK._asdict().items() if n not in own}
    return pa.table({**own, **rest})


def _lengths(found: pa.Table, roots: Mapping[str, str], at_once: int) -> Any:
    """Returns the bytes of each file; 0 where it is missing."""
    places = pc.extract_regex(found["files"], archives.MEMBER_SIZE)
    sizes = pc.struct_field(places, "size").cast(pa.int64())
    if not sizes.null_count:
        return sizes
    columns = (sizes, found["dir_name"], found["files"])
    lines = list(zip(*(column.to_pylist() for column in columns), strict=True))
    if at_once == 1:
        return pa.array(_on_disk(roots, lines), pa.int64())
    parts = (lines[start::at_once] for start in range(at_once))
    lengths = np.empty(len(lines), np.int64)
    with futures.ThreadPoolExecutor(at_once) as pool:
        for start, part in enumerate(pool.map(functools.partial(_on_disk, roots), parts)):
            lengths[start::at_once] = part
    return pa.array(lengths)


def _on_disk(roots: Mapping[str, str], lines: Iterable[tuple[int | None, str, str]]) -> list[int]:
    found: list[int] = []
    for size, dir_name, text in lines:
        if size is None:
            size = 0
            with contextlib.suppress(errors.ImageError):  # told when it is read
                size = files.length(roots[dir_name], files.parse(text))
        found.append(size)
    return found


class Reading(pixels.Reading):
    """Reads images that were not read before."""

    def __call__(self, place: chunks.Place) -> bytes:
        """Returns the bytes of an image; raises ImageError where it cannot be used."""
        reference, data = self._patiently(place)
        try:
            images.check_grey_png(data)
        except errors.ImageError as error:
            raise errors.ImageError(error.reason, f"{reference.path}: {error}") from error
        return data

    def _patiently(self, place: chunks.Place) -> tuple[files.FileRef, bytes]:
        """Reads an image; a disk that failed once does not throw a whole build away."""
        pauses = iter(_PAUSES)
        while True:
            try:
                found: tuple[files.FileRef, bytes] = self.read(place.dir_name, place.files)
                return found
            except errors.ImageError as error:
                pause = next(pauses, None)
                if error.reason != render.READ_ERROR or pause is None:
                    raise
            time.sleep(pause)
