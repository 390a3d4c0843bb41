"""How sure a share of hits is: intervals, for independent samples and for groups."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, hashing

from . import checks


@dataclasses.dataclass(frozen=True)
class Interval:
    """A confidence interval.

    Attributes:
      low: lower end.
      high: upper end.
    """

    low: float
    high: float


def wilson(hits: int, total: int, confidence: float = 0.95) -> Interval:
    """Returns Wilson's score interval of a share, which stays within 0 and 1.

    Right for independent samples; treatments of one compound are not, see `bootstrap`.
    """
    share, z = _share(hits, total), _quantile(confidence)
    spread = z * math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2)
    middle, scale = share + z * z / (2 * total), 1 + z * z / total
    # Where all or none are hits that end is exact, which rounding would miss by a hair.
    low = (middle - spread) / scale if hits else 0.0
    return Interval(low, (middle + spread) / scale if hits < total else 1.0)


def normal(hits: int, total: int, confidence: float = 0.95) -> Interval:
    """Returns the plain normal interval that the CytoImageNet paper prints (share ± half width).

    Too narrow near 0 and 1, where it also leaves [0, 1]: there to compare with published numbers.
    """
    share = _share(hits, total)
    half = _quantile(confidence) * math.sqrt(share * (1 - share) / total)
    return Interval(share - half, share + half)


def bootstrap(
    correct: npt.ArrayLike,
    groups: Sequence[Any],
    *,
    confidence: float = 0.95,
    rounds: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Returns the percentile interval of the share of hits when whole groups are drawn anew.

    The 103 treatments of BBBC021 are doses of 38 compounds: drawing compounds, not treatments,
    tells how much the result hangs on the choice of compounds.

    Args:
      correct: [N] bool, or [N] numbers such as differences between two models.
      groups: [N] group of each sample (compound, plate, patient).
      confidence: share of the rounds within the interval.
      rounds: draws.
      seed: of the draws; the order of the samples does not matter.
    """
    _quantile(confidence)
    sums, counts = _per_group(correct, groups)
    rng = hashing.generator(seed, "bootstrap", f"{len(sums)}")
    low = (1 - confidence) / 2
    shares = np.empty(rounds)
    step = max(1, 2**20 // len(sums))  # draws at a time, so that memory stays small
    for start in range(0, rounds, step):
        part = shares[start : start + step]
        drawn = rng.integers(0, len(sums), (len(part), len(sums)))
        part[:] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    bottom, top = np.quantile(shares, [low, 1 - low])
    return Interval(float(bottom), float(top))


def _per_group(
    correct: npt.ArrayLike, groups: Sequence[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    values = checks.matrix(np.asarray(correct, np.float64)[:, None], "correct")[:, 0]
    checks.same_length(len(values), groups=groups)
    numbers = checks.codes(groups)[1]
    sums = np.bincount(numbers, weights=values).astype(np.float64)
    return sums, np.bincount(numbers).astype(np.float64)


def _share(hits: int, total: int) -> float:
    if not 0 <= hits <= total or total == 0:
        raise errors.ConfigError(f"{hits} hits of {total} samples is no share.")
    return hits / total


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise errors.ConfigError(f"confidence must lie between 0 and 1, not {confidence}.")
    return NormalDist().inv_cdf(0.5 + confidence / 2)
