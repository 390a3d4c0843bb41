"""The reference's split of the published images, image by image.

It is scikit-learn's `train_test_split(test_size=0.1, random_state=0, stratify=label)` on the rows
of `metadata.csv` in file order. The draw is made here with NumPy's frozen legacy generator, so that
it stays the same whatever version of scikit-learn is installed, or none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

FRACTION, SEED = 0.1, 0

_Counts = npt.NDArray[np.int64]


def validation(
    labels: Sequence[str], fraction: float = FRACTION, seed: int = SEED
) -> npt.NDArray[np.bool_]:
    """Returns which rows the reference validates on.

    Args:
      labels: [N] class of each row, in file order, which decides.
      fraction: share of validation.
      seed: of the draw.

    Returns:
      [N] bool, True for validation.

    Raises:
      TableError: a class has a single row, or there are fewer rows for either side than classes.
    """
    names, classes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    return of_classes(names.tolist(), classes, fraction, seed)


def of_classes(
    names: Sequence[str],
    classes: npt.NDArray[Any],
    fraction: float = FRACTION,
    seed: int = SEED,
) -> npt.NDArray[np.bool_]:
    """As `validation`, given the sorted classes and the number of each row's class."""
    sizes = np.bincount(classes, minlength=len(names)).astype(np.int64)
    validated = math.ceil(fraction * len(classes))
    trained = len(classes) - validated
    _check(names, sizes, min(trained, validated))
    rng = np.random.RandomState(seed)
    to_train = _shares(sizes, trained, rng)
    to_validate = _shares(sizes - to_train, validated, rng)
    chosen = np.zeros(len(classes), dtype=bool)
    members = np.split(np.argsort(classes, kind="stable"), np.cumsum(sizes)[:-1])
    for rows, first, count in zip(members, to_train, to_validate, strict=True):
        order = rng.permutation(len(rows))
        chosen[rows[order[first : first + count]]] = True
    return chosen


def _shares(sizes: _Counts, total: int, rng: np.random.RandomState) -> _Counts:
    """Divides `total` among classes by their sizes; what rounding leaves goes to the largest rests.

    Among equal rests the generator draws, also where all of them get one: its state counts.
    """
    exact = sizes / sizes.sum() * total
    shares: _Counts = np.floor(exact).astype(np.int64)
    left, rests = total - int(shares.sum()), exact - shares
    for rest in sorted(set(rests.tolist()), reverse=True):
        if left == 0:
            break
        (equal,) = np.where(rests == rest)
        winners = rng.choice(equal, size=min(len(equal), left), replace=False)
        shares[winners] += 1
        left -= len(winners)
    return shares


def _check(names: Sequence[str], sizes: _Counts, smaller_side: int) -> None:
    problems = errors.Problems()
    for name in np.array(names)[sizes < 2].tolist():
        problems.add(f"The class {name!r} has one row, which cannot be on both sides.")
    if smaller_side < len(names):
        problems.add(f"{smaller_side} rows on the smaller side cannot hold {len(names)} classes.")
    problems.raise_if_any(errors.TableError, "The reference's split is not defined here:")
