"""The images as the archive announces them, so that each is read once.

Their lengths are all that choosing needs; what an image is like shows when it is copied. Where one
is not whole, what was written is thrown away, and all are checked before any is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import archives, errors, files, images
from cytoimagenet_tfds.build import chunks, plan_table, rendered, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import archive, pixels

_BLANK = chunks.Line("", "")


def is_near(found: archive.Archive) -> bool:
    """False where the lengths are not known without asking a store for every file."""
    return found.images.packed or "://" not in found.root


def images_of(planned: stored_plan.StoredPlan, roots: Mapping[str, str]) -> rendered.Rendered:
    """Returns the images of a plan, of which no file is read.

    Heights, widths and bounds are 0: only the files tell. A row whose file is missing is rejected.

    Args:
      planned: the plan.
      roots: dir_name -> folder of the archive.
    """
    wanted = planned.select(["missing", "dir_name", "files"])
    tables = (
        _announced(wanted, np.arange(start, end), roots)
        for start, end in plan_table.slices(len(planned))
    )
    return rendered.collect(("",), tables, planned.spool(rendered.IMAGE))


def _announced(
    wanted: stored_plan.StoredPlan, rows: npt.NDArray[Any], roots: Mapping[str, str]
) -> pa.Table:
    """Returns some rows as `rendered.collect` takes them."""
    found = wanted.take(rows)
    there = pc.equal(found["missing"], "")
    own = {
        "row": pa.array(rows, pa.int32()),
        "chunk": pa.repeat(pa.scalar(0, pa.int32()), len(rows)),
        "length": _lengths(found, roots),
        "reason": pc.if_else(there, "", pixels.MISSING),
        "message": pc.if_else(there, "", pixels.MISSING_MESSAGE),
    }
    rest = {n: pa.repeat(v, len(rows)) for n, v in _BLANK._asdict().items() if n not in own}
    return pa.table({**own, **rest})


def _lengths(found: pa.Table, roots: Mapping[str, str]) -> Any:
    """Returns the bytes of each file; 0 where it is missing."""
    places = pc.extract_regex(found["files"], archives.MEMBER_SIZE)
    sizes = pc.struct_field(places, "size").cast(pa.int64())
    if not sizes.null_count:
        return sizes
    columns = (sizes, found["dir_name"], found["files"])
    lines = zip(*(column.to_pylist() for column in columns), strict=True)
    lengths = (_on_disk(roots[d], text) if size is None else size for size, d, text in lines)
    return pa.array(lengths, pa.int64())


def _on_disk(root: str, text: str) -> int:
    try:
        return files.length(root, files.parse(text))
    except errors.ImageError:  # what is wrong with it is told when it is read
        return 0


class Reading(pixels.Reading):
    """Reads images that were not read before."""

    def __call__(self, place: chunks.Place) -> bytes:
        """Returns the bytes of an image; raises ImageError where it cannot be used."""
        try:
            data: bytes = self.read(place.dir_name, place.files)[1]
            images.check_grey_png(data)
        except errors.ImageError as error:
            raise errors.ImageError(error.reason, f"{place.key}: {error}") from error
        return data
