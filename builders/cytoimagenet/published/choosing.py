"""Which published images enter the dataset, under the names they have."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.build import naming, rendered, scratch, selection, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import expected, pixels
from cytoimagenet_tfds.curation import splits

Content = Callable[[str, str], bytes]  # dir_name and files of an image -> its file

_BOUNDS = ("y_min", "y_max", "x_min", "x_max")
_SPLITS = (splits.TRAIN, splits.VALIDATION)

# Columns of a plan that hold what the published table says of a crop.
STATED = {name: f"published_{name}" for name in (*_BOUNDS, "scaling", "crop")}

# `mark` is length and CRC-32. Two files that share them are not yet the same: a PNG ends its pixels
# with their own CRC-32, so that the one of the whole file takes as few as 65,536 values.
_TABLE = "(row INTEGER PRIMARY KEY, side INTEGER, chance INTEGER, mark INTEGER, image BLOB)"
_ALIKE = """SELECT row FROM image
    WHERE mark IN (SELECT mark FROM image GROUP BY mark HAVING count(*) > 1) ORDER BY row"""
_SAME = """SELECT row FROM content
    WHERE digest IN (SELECT digest FROM content GROUP BY digest HAVING count(*) > 1) ORDER BY row"""
_SHUFFLED = "SELECT image, chance, side FROM image ORDER BY side, chance, row"


def select(
    planned: stored_plan.StoredPlan,
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
    store = scratch.Store(planned.rows.folder)
    store.run(f"CREATE TABLE image {_TABLE}")
    classes: set[str] = set()
    other = 0
    wanted = planned.select(["key", "split", "label", *STATED.values()])
    for piece in scratch.pieces(found.images):
        rows = wanted.take(piece["row"])
        other += _bounds_of(rows, piece)
        _add(store, rows, piece, seed)
        classes.update(rows["label"].unique().to_pylist())
    note_other_size(facts, other)
    _note_same_content(planned, store, content, facts)
    images, chances, sides = _shuffled(planned, store)
    numbers = np.broadcast_to(np.zeros(2, np.int32), (len(images), 2))
    return selection.Selection(
        planned, found.chunks, images, sides, _SPLITS, chances, naming.keyed, numbers,
        tuple(sorted(classes)), {}, _damaged(planned, found.rejected),
    )  # fmt: skip


def note_other_size(facts: dict[str, Any], count: int) -> None:
    """Notes how many crops are not as large as published."""
    facts["published"] = {**facts["published"], "bounds_of_other_size": count}


def _bounds_of(rows: pa.Table, images: npt.NDArray[Any]) -> int:
    """Gives crops the published bounds, and whole images those of their own pixels.

    Crops whose size is not known, 0, get that of their bounds.

    Returns:
      How many crops are not as large as published.
    """
    stated = {name: rows[STATED[name]].to_numpy().astype(np.int32) for name in _BOUNDS}
    crop = rows[STATED["crop"]].to_numpy().astype(bool)
    crop &= np.all([column >= 0 for column in stated.values()], axis=0)
    height, width = (stated[f"{axis}_max"] - stated[f"{axis}_min"] for axis in "yx")
    known = images["height"] > 0
    other = crop & known & ((height != images["height"]) | (width != images["width"]))
    for name, size in (("height", height), ("width", width)):
        images[name] = np.where(crop & ~known, size, images[name])
    for name, column in stated.items():
        images[name] = np.where(crop, column, images[name])
    scaling = rows[STATED["scaling"]].to_numpy()
    images["scaling"] = np.where(crop & ~np.isnan(scaling), scaling, 1.0)
    images["crop"] = np.where(crop, 0, -1)
    return int(other.sum())


def _add(store: scratch.Store, rows: pa.Table, images: npt.NDArray[Any], seed: int) -> None:
    keys = naming.example_keys(rows["key"].to_pylist(), images["crop"].tolist())
    chances = scratch.signed(hashing.hash_keys(seed, "shuffle", keys))
    sides = [_SPLITS.index(name) for name in rows["split"].to_pylist()]
    marks = images["length"] << 32 | images["crc32"]
    store.add(
        "image", images["row"].tolist(), sides, chances.tolist(), marks.tolist(),
        scratch.blobs(images),
    )  # fmt: skip


def _shuffled(
    planned: stored_plan.StoredPlan, store: scratch.Store
) -> tuple[scratch.Spooled, scratch.Spooled, npt.NDArray[np.int8]]:
    """Returns images, hashes and splits in the order of the dataset.

    Splits by name, each in the order of the hashes, equal ones in that of the rows, which is that
    of their keys. No two keys are the same: a place that several rows name counts once.
    """
    images, chances = planned.spool(rendered.IMAGE), planned.spool(np.dtype(np.int64))
    sides = []
    for piece in store.pieces(_SHUFFLED):
        data, hashes, side = zip(*piece, strict=True)
        images.append(scratch.records(data, rendered.IMAGE))
        chances.append(np.array(hashes, np.int64))
        sides.append(np.array(side, np.int8))
    return images, chances, np.concatenate(sides)


def _note_same_content(
    planned: stored_plan.StoredPlan, store: scratch.Store, content: Content, facts: dict[str, Any]
) -> None:
    """Tells of images that are byte for byte the same as another."""
    where = planned.select(["dir_name", "files"])
    store.run("CREATE TABLE content (row INTEGER PRIMARY KEY, digest BLOB)")
    for piece in store.pieces(_ALIKE):
        rows = [row for (row,) in piece]
        places = zip(*(c.to_pylist() for c in where.take(np.array(rows)).columns), strict=True)
        digests = [hashlib.blake2b(content(*p), digest_size=16).digest() for p in places]
        store.add("content", rows, digests)
    count = store.value(f"SELECT count(*) FROM ({_SAME})")
    facts["published"] = {**facts["published"], "same_content": count}
    first = np.array([row for (row,) in store.rows(f"{_SAME} LIMIT {expected.SHOWN}")], np.int64)
    keys = planned.select(["key"]).take(first)["key"].to_pylist()
    for text in expected.listed("images have the same bytes as another", keys, count):
        logging.getLogger(__name__).warning("%s", text)


def _damaged(planned: stored_plan.StoredPlan, rejected: rendered.Rejected) -> tuple[str, ...]:
    found: list[str] = []
    for reason in rejected.by_reason(planned, expected.SHOWN):
        if reason.name != pixels.MISSING:
            what = f"images are left out ({reason.name})"
            found += expected.listed(what, [key for key, _ in reason.first], reason.count)
    return tuple(found)
