"""Some of the normalized features of a benchmark with what they are, to be looked at."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import hashing

from . import normalization, tasks
from .facts import Facts

_MOST = 2000  # rows: more hide each other
_WELLS = "bbbc021"  # the benchmark whose images are averaged over their well
_FEW = 12  # plates that a reader can tell apart


@dataclasses.dataclass(frozen=True)
class View:
    """Rows of one benchmark and set of features.

    Attributes:
      benchmark: its name.
      weights: name of the features.
      normalization: what was done to them.
      values: [N, D] normalized features.
      classes: [N] class of each.
      batches: [N] plate, week or split of each.
      batch: which of these it is, '' where all are of one.
      total: rows that there are.
      unit: what a row is.
    """

    benchmark: str
    weights: str
    normalization: str
    values: npt.NDArray[Any]
    classes: npt.NDArray[np.str_]
    batches: npt.NDArray[np.str_]
    batch: str
    total: int
    unit: str = "image"


def view(benchmark: str, weights: str, given: tasks.Given) -> View:
    """Returns up to 2,000 rows, by hash(key), as the nearest neighbours see them."""
    rows, values = _normalized(benchmark, given)
    ranks = np.argsort(hashing.hash_keys(0, "view", rows.keys.tolist()), kind="stable")
    chosen = np.zeros(len(rows.keys), np.bool_)
    chosen[ranks[:_MOST]] = True
    name, batches = _batch(rows)
    return View(
        benchmark, weights, given.normalization, values(chosen), rows["label"][chosen],
        batches[chosen], name, len(chosen), "well" if benchmark == _WELLS else "image",
    )  # fmt: skip


def _normalized(benchmark: str, given: tasks.Given) -> tuple[Facts, Any]:
    if benchmark == _WELLS:
        rows, values = tasks.wells(given)
        return rows, lambda chosen: values[chosen]
    facts, table = given.facts, given.table
    train = facts["split"] == "train" if benchmark == "coos7" else np.ones(len(facts.keys), bool)
    fitted = table.rows(facts.keys[train].tolist())
    transform = normalization.fitted(given.normalization, fitted)
    return facts, lambda chosen: transform(table.rows(facts.keys[chosen].tolist()))


def _batch(rows: Facts) -> tuple[str, npt.NDArray[np.str_]]:
    """Returns what divides the rows into batches: plates if they are few, weeks, or splits."""
    for name in ("plate", "week", "split"):
        if name in rows.columns:
            count = len(set(rows[name].tolist()))
            if count == 1 or (name == "plate" and count > _FEW):
                continue
            return name, rows[name].astype(np.str_)
    return "", np.full(len(rows.keys), "", np.str_)
