"""From predictions to figures with their uncertainty, and comparisons of two sets of features."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from cytoimagenet_tfds import errors

from . import intervals, paired, scores
from .tasks import Result


@dataclasses.dataclass(frozen=True, kw_only=True)
class Score:
    """How good one set of features is on one task.

    Attributes:
      task: name of the task.
      weights: name of the features.
      hits: right predictions; of several seeds the mean, which need not be whole.
      total: predictions.
      accuracy: share of hits, 0 to 1.
      balanced: mean over classes of the share of hits.
      low: lower end of Wilson's 95 % interval.
      high: upper end of it.
      half: half the width of the normal interval that the paper prints.
      group_low: lower end of the interval when whole compounds are drawn anew, NaN without groups.
      group_high: upper end of it.
      seeds: sets of random weights that were averaged.
    """

    task: str
    weights: str
    hits: float
    total: int
    accuracy: float
    balanced: float
    low: float
    high: float
    half: float
    group_low: float
    group_high: float
    seeds: int = 1


def score(result: Result, weights: str) -> Score:
    """Returns the figures of one result."""
    correct = result.correct
    hits, total = int(correct.sum()), len(correct)
    wilson, normal = intervals.wilson(hits, total), intervals.normal(hits, total)
    nan = float("nan")
    group = intervals.Interval(nan, nan)
    if result.groups:
        group = intervals.bootstrap(correct, result.groups)
    return Score(
        task=result.task, weights=weights, hits=hits, total=total, accuracy=hits / total,
        balanced=scores.balanced_accuracy(result.truth, result.predicted),
        low=wilson.low, high=wilson.high, half=(normal.high - normal.low) / 2,
        group_low=group.low, group_high=group.high,
    )  # fmt: skip


def mean(found: Sequence[Score], weights: str) -> Score:
    """Returns the mean of the scores of several seeds on one task; of each figure by itself."""
    if len({(one.task, one.total) for one in found}) != 1:
        raise errors.TableError("Only scores of the same samples of one task have a mean.")
    names = ("hits", "accuracy", "balanced", "low", "high", "half", "group_low", "group_high")
    means = {name: float(np.mean([getattr(one, name) for one in found])) for name in names}
    return Score(task=found[0].task, weights=weights, total=found[0].total, seeds=len(found),
                 **means)  # fmt: skip


def compare(first: Result, second: Result) -> paired.Comparison:
    """Compares two results of one task sample by sample, joined by key.

    Raises:
      TableError: they are not of the same samples.
    """
    if first.task != second.task or set(first.keys) != set(second.keys):
        raise errors.TableError(
            f"{first.task} with {len(first.keys):,} samples and {second.task} with "
            f"{len(second.keys):,} are not the same samples."
        )
    right = dict(zip(second.keys, second.correct.tolist(), strict=True))
    groups = first.groups or None
    return paired.compare(first.correct, [right[key] for key in first.keys], groups)
