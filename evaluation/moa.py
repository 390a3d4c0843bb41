"""Mechanism of action by the nearest treatment of another compound: NSC and NSCB."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks
from .neighbours import nearest_neighbours
from .rows import Metric

Batch = Hashable | Iterable[Hashable]


@dataclasses.dataclass(frozen=True)
class NotSameCompound:
    """What `not_same_compound` found.

    Attributes:
      hits: treatments whose neighbour has their mechanism.
      total: treatments that count.
      rows: [total] rows of the profiles that count, ascending.
      neighbours: [total] row of the nearest legal treatment of each.
      correct: [total] whether it has the right mechanism.
      left_out: rows that do not count, because no legal treatment has their mechanism.
    """

    hits: int
    total: int
    rows: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    left_out: tuple[int, ...]

    @property
    def accuracy(self) -> float:
        """Share of hits, 0 to 1."""
        return self.hits / self.total


def not_same_compound(
    profiles: npt.ArrayLike,
    moa: Sequence[str],
    compound: Sequence[str],
    batch: Sequence[Batch] | None = None,
    *,
    metric: Metric = "cosine",
) -> NotSameCompound:
    """Assigns every treatment the mechanism of its nearest treatment of another compound.

    Without `batch` (NSC) every treatment counts; one whose mechanism no other compound has is a
    miss. With `batch` (NSCB) the neighbour must also be of another batch: two treatments clash when
    their sets of batches meet. A treatment without any legal neighbour of its own mechanism cannot
    be right and is left out (Cholesterol-lowering and Kinase inhibitors in BBBC021, hence 92 of
    103). Of two neighbours at the same distance the one in the lower row counts.

    Args:
      profiles: [T, D], one row per treatment (compound and concentration), without controls.
      moa: [T] mechanism of each.
      compound: [T] compound of each.
      batch: [T] label of each, or a set of labels where a treatment lies in several batches.
      metric: `cosine` or `euclidean`.

    Raises:
      TableError: columns of different length, an empty cell, NaN, a zero profile.
      ConfigError: one compound only, or no treatment that counts.
    """
    values = checks.matrix(profiles, "profiles")
    checks.same_length(len(values), moa=moa, compound=compound)
    _check_filled(moa=moa, compound=compound)
    mechanisms, compounds = checks.codes(moa)[1], checks.codes(compound)[1]
    if compounds.max() == 0:
        raise errors.ConfigError(
            f"All {len(values):,} treatments are of one compound ({next(iter(compound))}): none "
            "has a neighbour of another compound."
        )
    excluded = compounds[:, None] == compounds[None]
    counts = np.ones(len(values), np.bool_)
    if batch is not None:
        checks.same_length(len(values), batch=batch)
        excluded |= _clashes(batch)
        counts = (~excluded & (mechanisms[:, None] == mechanisms[None])).any(axis=1)
    rows = np.flatnonzero(counts)
    if not rows.size:
        raise errors.ConfigError(
            "No treatment has a neighbour of its own mechanism, another compound and another "
            "batch: there is nothing to count. Is the column of batches the right one?"
        )
    _, nearest = nearest_neighbours(values, values[rows], 1, metric, excluded[rows])
    neighbours = nearest[:, 0]
    correct = mechanisms[neighbours] == mechanisms[rows]
    left_out = tuple(np.flatnonzero(~counts).tolist())
    return NotSameCompound(int(correct.sum()), len(rows), rows, neighbours, correct, left_out)


def _check_filled(**columns: Sequence[str]) -> None:
    problems = errors.Problems()
    for name, values in columns.items():
        empty = np.flatnonzero([value is None or value == "" for value in values])
        if empty.size:
            problems.add(f"{name} is empty in {checks.shown(empty)}.")
    problems.raise_if_any(
        errors.TableError, "Every treatment needs a compound and a mechanism; leave controls out:"
    )


def _clashes(batch: Sequence[Batch]) -> npt.NDArray[np.bool_]:
    """Returns [T, T], True where the sets of two treatments have a batch in common."""
    sets = [_as_set(labels) for labels in batch]
    empty = np.flatnonzero([not labels for labels in sets])
    if empty.size:
        raise errors.TableError(f"{checks.shown(empty).capitalize()} of batch hold no batch.")
    numbers: dict[Hashable, int] = {}
    for labels in sets:
        for label in labels:
            numbers.setdefault(label, len(numbers))
    member = np.zeros((len(sets), len(numbers)), np.float32)
    for row, labels in enumerate(sets):
        member[row, [numbers[label] for label in labels]] = 1
    clashes: npt.NDArray[np.bool_] = member @ member.T > 0
    return clashes


def _as_set(labels: Batch) -> frozenset[Hashable]:
    if labels is None or labels == "":
        return frozenset()
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        return frozenset([labels])
    return frozenset(labels)
