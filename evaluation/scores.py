"""Predictions of nearest neighbours, and how good predictions are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks

Ties = Literal["nearest", "paper"]


def vote(labels: npt.ArrayLike, ties: Ties = "nearest") -> npt.NDArray[Any]:
    """Returns the most frequent label among the neighbours of each query.

    Args:
      labels: [Q, k] labels of the neighbours, nearest first.
      ties: which of several equally frequent labels wins.
        - `nearest`: the one whose nearest member is nearest;
        - `paper`: the first in sorted order, but the nearest neighbour's where all k differ, as in
          the code of CytoImageNet.

    Returns:
      [Q] labels.
    """
    if ties not in get_args(Ties):
        raise errors.ConfigError(errors.unknown_name("rule for ties", ties, get_args(Ties)))
    array = np.asarray(labels)
    if array.ndim != 2 or 0 in array.shape:
        raise errors.TableError(f"labels must be of shape [Q, k], not {list(array.shape)}.")
    distinct, numbers = checks.codes(array.reshape(-1))
    numbers = numbers.reshape(array.shape)
    # Votes of the label at each place: k is small, so k x k comparisons are few.
    votes = (numbers[:, :, None] == numbers[:, None, :]).sum(axis=2)
    most = votes == votes.max(axis=1, keepdims=True)
    if ties == "nearest":
        chosen = numbers[np.arange(len(numbers)), most.argmax(axis=1)]
    else:
        first = np.where(most, numbers, len(distinct)).min(axis=1)
        chosen = np.where(votes.max(axis=1) == 1, numbers[:, 0], first)
    predicted: npt.NDArray[Any] = distinct[chosen]
    return predicted


def accuracy(truth: Sequence[Any], predicted: Sequence[Any]) -> float:
    """Returns the share of right predictions, 0 to 1."""
    return float(correct(truth, predicted).mean())


def balanced_accuracy(truth: Sequence[Any], predicted: Sequence[Any]) -> float:
    """Returns the mean over classes of the share of right predictions, 0 to 1.

    Classes that occur in `truth` count, each alike.
    """
    return float(np.mean(list(recalls(truth, predicted).values())))


def recalls(truth: Sequence[Any], predicted: Sequence[Any]) -> dict[Any, float]:
    """Returns class -> share of its samples that were predicted right, sorted by class."""
    right = correct(truth, predicted)
    distinct, numbers = checks.codes(truth)
    shares = np.bincount(numbers, weights=right) / np.bincount(numbers)
    return dict(zip(distinct.tolist(), shares.tolist(), strict=True))


def correct(truth: Sequence[Any], predicted: Sequence[Any]) -> npt.NDArray[np.bool_]:
    """Returns [N] bool, True where a prediction is right; raises TableError on other lengths."""
    checks.same_length(len(truth), predicted=predicted)
    if not len(truth):
        raise errors.TableError("There is no sample to score.")
    right: npt.NDArray[np.bool_] = checks.column(truth) == checks.column(predicted)
    return right


def confusion(
    truth: Sequence[Any], predicted: Sequence[Any]
) -> tuple[tuple[Any, ...], npt.NDArray[np.int64]]:
    """Returns the classes of both, sorted, and [C, C] counts: row truth, column prediction."""
    correct(truth, predicted)
    distinct, numbers = checks.codes([*truth, *predicted])
    size = len(distinct)
    pairs = numbers[: len(truth)] * size + numbers[len(truth) :]
    counts = np.bincount(pairs, minlength=size * size).reshape(size, size)
    return tuple(distinct.tolist()), counts.astype(np.int64)
