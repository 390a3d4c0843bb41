"""Which published images enter the dataset, under the names they have."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.build import naming, rendered, scratch, selection, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import expected, pixels
from cytoimagenet_tfds.curation import splits

_BOUNDS = ("y_min", "y_max", "x_min", "x_max")
_SPLITS = (splits.TRAIN, splits.VALIDATION)

# Columns of a plan that hold what the published table says of a crop.
STATED = {name: f"published_{name}" for name in (*_BOUNDS, "scaling", "crop")}

_TABLE = "(row INTEGER PRIMARY KEY, side INTEGER, chance INTEGER, image BLOB)"
_SHUFFLED = "SELECT image, chance, side FROM image ORDER BY side, chance, row"


def select(
    planned: stored_plan.StoredPlan,
    seed: int,
    found: rendered.Rendered,
) -> selection.Selection:
    """Takes every image that is whole, with the facts of its row, shuffled.

    Args:
      planned: the plan, with the columns `STATED`.
      seed: of the shuffle.
      found: the images, as they were checked or as they are announced.
    """
    if not len(found.images):
        raise errors.BuildError("No image of the archive is whole.")
    store = scratch.Store(planned.rows.folder)
    store.run(f"CREATE TABLE image {_TABLE}")
    classes: set[str] = set()
    wanted = planned.select(["key", "split", "label", *STATED.values()])
    for piece in scratch.pieces(found.images):
        rows = wanted.take(piece["row"])
        _bounds_of(rows, piece)
        _add(store, rows, piece, seed)
        classes.update(rows["label"].unique().to_pylist())
    images, chances, sides = _shuffled(planned, store)
    numbers = np.broadcast_to(np.zeros(2, np.int32), (len(images), 2))
    return selection.Selection(
        planned, found.chunks, images, sides, _SPLITS, chances, naming.keyed, numbers,
        tuple(sorted(classes)), {}, _damaged(planned, found.rejected),
    )  # fmt: skip


def _bounds_of(rows: pa.Table, images: npt.NDArray[Any]) -> None:
    """Gives crops the published bounds and their size, and whole images those of their pixels."""
    stated = {name: rows[STATED[name]].to_numpy().astype(np.int32) for name in _BOUNDS}
    crop = rows[STATED["crop"]].to_numpy().astype(bool)
    crop &= np.all([column >= 0 for column in stated.values()], axis=0)
    for name, column in stated.items():
        images[name] = np.where(crop, column, images[name])
    for name, axis in (("height", "y"), ("width", "x")):
        size = stated[f"{axis}_max"] - stated[f"{axis}_min"]
        images[name] = np.where(crop, size, images[name])
    scaling = rows[STATED["scaling"]].to_numpy()
    images["scaling"] = np.where(crop & ~np.isnan(scaling), scaling, 1.0)
    images["crop"] = np.where(crop, 0, -1)


def _add(store: scratch.Store, rows: pa.Table, images: npt.NDArray[Any], seed: int) -> None:
    keys = naming.example_keys(rows["key"].to_pylist(), images["crop"].tolist())
    chances = scratch.signed(hashing.hash_keys(seed, "shuffle", keys))
    sides = [_SPLITS.index(name) for name in rows["split"].to_pylist()]
    store.add("image", images["row"].tolist(), sides, chances.tolist(), scratch.blobs(images))


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


def _damaged(planned: stored_plan.StoredPlan, rejected: rendered.Rejected) -> tuple[str, ...]:
    found: list[str] = []
    for reason in rejected.by_reason(planned, expected.SHOWN):
        if reason.name != pixels.MISSING:
            what = f"Images left out as {reason.name}"
            found += expected.listed(what, [key for key, _ in reason.first], reason.count)
    return tuple(found)
