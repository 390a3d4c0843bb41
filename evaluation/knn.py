"""Classification by the k nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks
from .exclusion import Exclude, SameKey
from .neighbours import nearest_neighbours
from .rows import Metric
from .scores import Ties, vote


def classify(
    train: npt.ArrayLike,
    labels: Sequence[Any],
    query: npt.ArrayLike,
    k: int = 11,
    metric: Metric = "euclidean",
    *,
    exclude: Exclude = None,
    ties: Ties = "nearest",
) -> npt.NDArray[Any]:
    """Returns the majority class among the k nearest training rows of every query, [Q].

    Args:
      train: [N, D] features.
      labels: [N] class of each, two classes at least.
      query: [Q, D] features.
      k: neighbours.
      metric: `euclidean` or `cosine`.
      exclude: see `nearest_neighbours`.
      ties: see `scores.vote`.

    Raises:
      ConfigError: one class only, or k above the rows that are left.
      TableError: NaN, columns of different length.
    """
    classes = checks.column(labels)
    checks.same_length(len(np.asarray(train)), labels=classes)
    if len(checks.codes(classes)[0]) < 2:
        raise errors.ConfigError("Classification needs two classes at least, found one.")
    _, neighbours = nearest_neighbours(train, query, k, metric, exclude)
    return vote(classes[neighbours], ties)


def leave_one_out(
    features: npt.ArrayLike,
    labels: Sequence[Any],
    keys: Sequence[str],
    k: int = 11,
    metric: Metric = "euclidean",
    *,
    ties: Ties = "nearest",
) -> npt.NDArray[Any]:
    """Classifies every row by its k nearest other rows, [N].

    A row is left out by its key, never by its place among its own neighbours, where an exact
    duplicate may come first.
    """
    checks.same_length(len(np.asarray(features)), keys=keys)
    exclude = SameKey(keys, keys)
    return classify(features, labels, features, k, metric, exclude=exclude, ties=ties)
