"""Which published images enter the dataset, under the names they have."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import heapq
import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import naming, plan_table, rendered, selection
from cytoimagenet_tfds.builders.cytoimagenet.published import expected, pixels

Content = Callable[[str, str], bytes]  # dir_name and files of an image -> its file

_BOUNDS = ("y_min", "y_max", "x_min", "x_max")

# Columns of a plan that hold what the published table says of a crop.
STATED = {name: f"published_{name}" for name in (*_BOUNDS, "scaling", "crop")}


def select(
    planned: pa.Table,
    facts: dict[str, Any],
    seed: int,
    content: Content,
    found: rendered.Rendered,
) -> selection.Selection:
    """Takes every image that is whole, with the facts of its row, shuffled.

    Args:
      planned: the plan, with the columns `STATED`.
      facts: gets the number of images that are byte for byte the same as another.
      seed: of the shuffle.
      content: reads the file of an image, given its `dir_name` and `files`.
      found: what the chunks of the plan hold.
    """
    if not len(found.images):
        raise errors.BuildError("No image of the archive is whole.")
    images = found.images
    _set_bounds(planned.select(list(STATED.values())), images, facts)
    table = planned.drop_columns(list(STATED.values()))
    _note_same_content(table, images, content, facts)
    codes, names = plan_table.codes(table, "label")
    classes = tuple(names[number] for number in np.unique(codes[images["row"]]).tolist())
    chosen = selection.finish(table, found, images, seed, naming.keyed, classes, {})
    return dataclasses.replace(chosen, differences=_damaged(table, found.rejected))


def _set_bounds(planned: pa.Table, images: npt.NDArray[Any], facts: dict[str, Any]) -> None:
    """Gives a crop the published bounds, and a whole image those of its own pixels."""
    other = 0
    for start, end in plan_table.slices(len(images)):
        other += _bounds_of(plan_table.take(planned, images["row"][start:end]), images[start:end])
    facts["published"] = {**facts["published"], "bounds_of_other_size": other}


def _bounds_of(rows: pa.Table, images: npt.NDArray[Any]) -> int:
    """Sets them for some images; returns how many crops are not as large as published."""
    stated = {name: rows[STATED[name]].to_numpy().astype(np.int32) for name in _BOUNDS}
    crop = rows[STATED["crop"]].to_numpy().astype(bool)
    crop &= np.all([column >= 0 for column in stated.values()], axis=0)
    height, width = (stated[f"{axis}_max"] - stated[f"{axis}_min"] for axis in "yx")
    other = crop & ((height != images["height"]) | (width != images["width"]))
    for name, column in stated.items():
        images[name] = np.where(crop, column, images[name])
    scaling = rows[STATED["scaling"]].to_numpy()
    images["scaling"] = np.where(crop & ~np.isnan(scaling), scaling, 1.0)
    images["crop"] = np.where(crop, 0, -1)
    return int(other.sum())


def _note_same_content(
    table: pa.Table, images: npt.NDArray[Any], content: Content, facts: dict[str, Any]
) -> None:
    rows = images["row"][_alike(images)]
    where = table.select(["dir_name", "files"])
    digests = [
        hashlib.blake2b(content(*place), digest_size=16).digest()
        for start, end in plan_table.slices(len(rows))
        for place in _texts(plan_table.take(where, rows[start:end]))
    ]
    counts = collections.Counter(digests)
    again = rows[np.array([counts[digest] > 1 for digest in digests], dtype=bool)]
    facts["published"] = {**facts["published"], "same_content": len(again)}
    for text in expected.listed("images have the same bytes as another", *_first(table, again)):
        logging.getLogger(__name__).warning("%s", text)


def _texts(table: pa.Table) -> Iterator[tuple[str, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _alike(images: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Returns which images have the length and the CRC-32 of another.

    That is not yet the same: a PNG ends its pixels with their own CRC-32, so that the one of the
    whole file takes as few as 65,536 values.
    """
    marks = images["length"].astype(np.uint64) << np.uint64(32) | images["crc32"]
    _, which, counts = np.unique(marks, return_inverse=True, return_counts=True)
    alike: npt.NDArray[np.bool_] = counts[which] > 1
    return alike


def _first(table: pa.Table, rows: npt.NDArray[Any]) -> tuple[list[str], int]:
    """Returns the first keys of some rows, and how many there are."""
    keys = table.select(["key"])
    first = heapq.nsmallest(expected.SHOWN, (
        key
        for start, end in plan_table.slices(len(rows))
        for key in plan_table.take(keys, rows[start:end])["key"].to_pylist()
    ))  # fmt: skip
    return first, len(rows)


def _damaged(table: pa.Table, rejected: rendered.Rejected) -> tuple[str, ...]:
    found: list[str] = []
    for reason in rejected.by_reason(table, expected.SHOWN):
        if reason.name != pixels.MISSING:
            what = f"images are left out ({reason.name})"
            found += expected.listed(what, [key for key, _ in reason.first], reason.count)
    return tuple(found)
