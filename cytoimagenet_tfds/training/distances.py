"""How far classes lie apart: cosine distances of features within a class and to all others.

The mean over all pairs needs no pairs: with S the sum of a class's unit vectors and n their number,
the mean cosine within it is (|S|^2 - n) / (n (n - 1)), and to the others S . (T - S) / (n (N - n)),
T and N being sum and number over all classes. Deviations come from pairs that a seed chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import hashing

MOST_PAIRS = 10_000
Floats = npt.NDArray[np.float64]


def choose(keys: Iterable[str], labels: Iterable[str], count: int, seed: int = 0) -> list[int]:
    """Returns the numbers of at most `count` images of each class, chosen by hash(seed, key)."""
    table = pd.DataFrame(
        {"label": list(labels), "hash": hashing.hash_keys(seed, "distances", keys)}
    )
    ranks = table.groupby("label")["hash"].rank(method="first")
    chosen: list[int] = np.flatnonzero((ranks <= count).to_numpy()).tolist()
    return chosen


def class_distances(features: Any, labels: Sequence[str], seed: int = 0) -> pd.DataFrame:
    """Returns the cosine distances of each class.

    Args:
      features: [N, F] float; no row may be zero throughout.
      labels: [N] class of each row.
      seed: chooses the pairs for the deviations, at most 10,000 each.

    Returns:
      One row per class, sorted: `label`, `images`, `within` and `between` (exact means over all
      pairs; `within` is NaN for a single image), `within_sd` and `between_sd`.
    """
    units = _unit_vectors(np.asarray(features, dtype=np.float64))
    names, codes = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(codes)
    sums = np.zeros((len(names), units.shape[1]))
    np.add.at(sums, codes, units)
    total = sums.sum(axis=0)
    pairs, others = counts * (counts - 1), counts * (len(units) - counts)
    squares = (units**2).sum(axis=1)
    own = np.bincount(codes, weights=squares)
    within = _one_minus((sums**2).sum(axis=1) - own, pairs)
    between = _one_minus((sums * (total - sums)).sum(axis=1), others)
    spreads = [_spreads(units, codes, number, name, seed) for number, name in enumerate(names)]
    return pd.DataFrame({
        "label": pd.Series(names, dtype="str"), "images": counts, "within": within,
        "within_sd": [s[0] for s in spreads], "between": between,
        "between_sd": [s[1] for s in spreads],
    })  # fmt: skip


def _unit_vectors(features: Floats) -> Floats:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        bad = int((~(lengths > 0) | ~np.isfinite(lengths)).sum())
        raise ValueError(f"{bad} of {len(features)} feature vectors are zero or not finite.")
    return np.asarray(features / lengths)


def _one_minus(sums: Floats, pairs: npt.NDArray[np.int_]) -> Floats:
    means: Floats = np.divide(sums, pairs, out=np.full(len(sums), np.nan), where=pairs > 0)
    return 1 - means


def _spreads(
    units: Floats, codes: npt.NDArray[np.intp], number: int, name: str, seed: int
) -> tuple[float, float]:
    """Returns the deviations within a class and to the others, NaN where there is no pair."""
    mine, others = np.flatnonzero(codes == number), np.flatnonzero(codes != number)
    generator = hashing.generator(seed, "class distances", name)
    inner = _within_pairs(len(mine), generator)
    outer = _between_pairs(len(mine), len(others), generator)
    return (
        _deviation(units[mine[inner[0]]], units[mine[inner[1]]]),
        _deviation(units[mine[outer[0]]], units[others[outer[1]]]),
    )


def _within_pairs(count: int, generator: np.random.Generator) -> npt.NDArray[np.int_]:
    """Returns at most MOST_PAIRS different pairs i < j, [2, P]."""
    pairs = np.array(np.triu_indices(count, 1))
    if pairs.shape[1] > MOST_PAIRS:
        pairs = pairs[:, generator.choice(pairs.shape[1], MOST_PAIRS, replace=False)]
    return pairs


def _between_pairs(mine: int, others: int, generator: np.random.Generator) -> npt.NDArray[np.int_]:
    """Returns at most MOST_PAIRS different pairs (own, other), [2, P]."""
    possible = mine * others
    if possible <= MOST_PAIRS:
        places = np.arange(possible)
    else:
        places = generator.choice(possible, MOST_PAIRS, replace=False)
    return np.array(np.divmod(places, max(others, 1)))


def _deviation(first: Floats, second: Floats) -> float:
    if not len(first):
        return float("nan")
    return float(np.std(1 - (first * second).sum(axis=1)))
