"""Comparing two feature sets on the same samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import checks
from .intervals import Interval, bootstrap


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two sets of predictions on the same samples.

    Attributes:
      only_first: samples that only the first has right.
      only_second: samples that only the second has right.
      p_value: of McNemar's exact test, two-sided.
      difference: accuracy of the first minus that of the second.
      interval: of the difference when groups are drawn anew; None where no groups were given.
    """

    only_first: int
    only_second: int
    p_value: float
    difference: float
    interval: Interval | None


def compare(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    groups: Sequence[Any] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compares two sets of predictions sample by sample.

    Args:
      first: [N] bool, True where the first is right.
      second: [N] bool, of the same samples in the same order (join by key before).
      groups: [N] group of each sample (compound) for an interval of the difference.
      confidence: of the interval.
      seed: of the bootstrap.
    """
    a, b = np.asarray(first, np.bool_), np.asarray(second, np.bool_)
    checks.same_length(len(a), second=b)
    differences = a.astype(np.float64) - b
    only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
    interval = None
    if groups is not None:
        interval = bootstrap(differences, groups, confidence=confidence, seed=seed)
    return Comparison(
        only_first, only_second, mcnemar(only_first, only_second),
        float(differences.mean()), interval,
    )  # fmt: skip


def mcnemar(only_first: int, only_second: int) -> float:
    """Returns the p-value of McNemar's exact test, two-sided.

    Under the null hypothesis each sample that only one has right is the first's with probability
    1/2: twice the smaller tail of that binomial distribution, at most 1.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    term = tail = 1
    for number in range(fewer):
        term = term * (total - number) // (number + 1)
        tail += term
    # Integers divide exactly, however large.
    return min(1.0, float(2 * tail / 2**total))
