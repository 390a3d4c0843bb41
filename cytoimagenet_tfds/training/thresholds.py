"""From probabilities to decisions: one threshold, one per class, or one that keeps a share.

What is chosen here must be scored on other images than those it was chosen on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def constant(true: Bools, found: Floats) -> float:
    """Returns the one threshold with the highest macro F1, to two decimals.

    Args:
      true: [N, C].
      found: [N, C] probabilities.
    """
    steps = np.arange(1, 100) / 100
    scores = [float(_f1(true, found >= step).mean()) for step in steps]
    return float(steps[int(np.argmax(scores))])


def per_class(true: Bools, found: Floats) -> Floats:
    """Returns for each class the threshold with the highest F1, [C].

    It lies halfway to the next lower probability. A class without images gets 1.01: never.
    """
    return np.array([_best(true[:, n], found[:, n]) for n in range(true.shape[1])])


def by_share(found: Floats, shares: Floats) -> Floats:
    """Returns for each class the threshold that this share of the images reaches, [C].

    Needs no labels: the shares are those of the training images, as the winner of the competition
    of 2018 did it. A class that no image should have gets 1.01: never.

    Args:
      found: [N, C] probabilities.
      shares: [C], 0 to 1.
    """
    counts = np.rint(shares * len(found)).astype(int)
    ranked = -np.sort(-found, axis=0)
    result = np.full(found.shape[1], 1.01)
    for number, count in enumerate(counts):
        if count:
            result[number] = ranked[min(count, len(found)) - 1, number]
    return result


def _best(true: Bools, found: Floats) -> float:
    if not true.any():
        return 1.01
    order = np.argsort(-found, kind="stable")
    ranked, hits = found[order], np.cumsum(true[order])
    last = np.r_[np.flatnonzero(np.diff(ranked)), len(ranked) - 1]
    f1 = 2 * hits[last] / (last + 1 + true.sum())
    end = last[int(np.argmax(f1))]
    following = ranked[end + 1] if end + 1 < len(ranked) else 0.0
    return float((ranked[end] + following) / 2)


def _f1(true: Bools, said: Bools) -> Floats:
    whole = true.sum(0) + said.sum(0)
    shares: Floats = np.divide(
        2 * (true & said).sum(0), whole, out=np.zeros(true.shape[1]), where=whole > 0
    )
    return shares
