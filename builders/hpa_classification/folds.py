"""Folds in which every label has its share, groups kept whole.

Iterative stratification: Sechidis, Tsoumakas, Vlahavas 2011, On the Stratification of Multi-Label
Data, as the library `iterative-stratification` does it. Unlike every other choice of this package a
fold depends on all images together: that is what makes the shares equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording


def assign(
    targets: npt.NDArray[np.uint8], groups: Sequence[str], folds: int, seed: int
) -> npt.NDArray[np.int64]:
    """Returns the fold of every image.

    Args:
      targets: [N, L], 1 where an image has a label.
      groups: of each image; a group is never divided.
      folds: number of folds.
      seed: of the ties.

    Returns:
      [N] int64 in 0 to folds - 1; the same for any order of the images.

    Raises:
      ConfigError: the library is not installed, or there are fewer groups than folds.
    """
    names, places = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    if len(names) < folds:
        raise errors.ConfigError(
            f"{wording.counted(len(names), 'labelled image')} cannot be divided into {folds} "
            "folds; set folds lower."
        )
    union = np.zeros((len(names), targets.shape[1]), dtype=np.int64)
    np.maximum.at(union, places, targets)
    result = np.zeros(len(names), dtype=np.int64)
    splitter = _library()(n_splits=folds, shuffle=True, random_state=seed)
    for number, (_, members) in enumerate(splitter.split(union, union)):
        result[members] = number
    return result[places]


def _library() -> Any:
    try:
        from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
    except ModuleNotFoundError as error:
        raise errors.ConfigError(
            "The folds need the library iterative-stratification: "
            "pip install 'cytoimagenet-tfds[hpa]'"
        ) from error
    return MultilabelStratifiedKFold


def largest_gap(
    targets: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], minimum: int = 100
) -> float:
    """Returns by how much the share of a label in a fold differs from that in all images.

    Args:
      targets: [N, L], 1 where an image has a label.
      places: [N] fold of each image.
      minimum: labels with fewer images do not count.

    Returns:
      The largest difference, 0 to 1.
    """
    wanted = targets.sum(axis=0) >= minimum
    shares = [targets[places == fold].mean(axis=0) for fold in np.unique(places)]
    gaps = np.abs(np.array(shares) - targets.mean(axis=0))[:, wanted]
    return float(gaps.max(initial=0.0))
