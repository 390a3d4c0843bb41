"""From wells or sites to treatments: one profile per compound and concentration."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks

Statistic = Literal["mean", "median"]


@dataclasses.dataclass(frozen=True)
class Treatments:
    """Profiles of treatments, sorted by compound, then concentration.

    Attributes:
      profiles: [T, D] float64.
      compound: [T] compound.
      concentration: [T] concentration, in the unit given.
      moa: [T] mechanism of action.
      batch: [T] batches that the treatment's wells lie in.
      wells: [T] rows that each profile was made of.
    """

    profiles: npt.NDArray[np.float64]
    compound: tuple[str, ...]
    concentration: tuple[float, ...]
    moa: tuple[str, ...]
    batch: tuple[frozenset[str], ...]
    wells: tuple[int, ...]


def treatments(
    features: npt.ArrayLike,
    compound: Sequence[str],
    concentration: Sequence[float],
    moa: Sequence[str],
    batch: Sequence[str],
    statistic: Statistic = "mean",
) -> Treatments:
    """Aggregates the rows of each compound and concentration to one profile.

    Args:
      features: [N, D], one row per well, site or cell, without controls.
      compound: [N] compound of each row.
      concentration: [N] concentration of each row.
      moa: [N] mechanism of each row.
      batch: [N] batch of each row (week, plate).
      statistic: `mean`, as in Ljosa et al. 2013, or `median`.

    Raises:
      TableError: columns of different length, NaN, a treatment with two mechanisms.
      ConfigError: unknown statistic.
    """
    if statistic not in get_args(Statistic):
        raise errors.ConfigError(errors.unknown_name("statistic", statistic, get_args(Statistic)))
    values = checks.matrix(features, "features")
    columns = {"compound": compound, "concentration": concentration, "moa": moa, "batch": batch}
    checks.same_length(len(values), **columns)
    # Lists, because a pandas column counts by its own index.
    moa, batch = list(moa), list(batch)
    rows: dict[tuple[str, float], list[int]] = {}
    for number, name in enumerate(zip(compound, map(float, concentration), strict=True)):
        rows.setdefault(name, []).append(number)
    names = sorted(rows)
    parts = [np.array(rows[name]) for name in names]
    summarize = np.mean if statistic == "mean" else np.median
    profiles = np.stack([summarize(values[part].astype(np.float64), axis=0) for part in parts])
    return Treatments(
        profiles=profiles,
        compound=tuple(name for name, _ in names),
        concentration=tuple(amount for _, amount in names),
        moa=_single(names, parts, moa),
        batch=tuple(frozenset(str(batch[row]) for row in part) for part in parts),
        wells=tuple(map(len, parts)),
    )


def _single(
    names: Sequence[tuple[str, float]], parts: Sequence[npt.NDArray[Any]], moa: Sequence[str]
) -> tuple[str, ...]:
    """Returns the mechanism of each treatment, which all its rows must share."""
    found = [sorted({str(moa[row]) for row in part}) for part in parts]
    problems = errors.Problems()
    for (compound, amount), mechanisms in zip(names, found, strict=True):
        if len(mechanisms) > 1:
            problems.add(f"{compound} at {amount:g} has the mechanisms {', '.join(mechanisms)}.")
    problems.raise_if_any(errors.TableError, "A treatment must have one mechanism:")
    return tuple(mechanisms[0] for mechanisms in found)
