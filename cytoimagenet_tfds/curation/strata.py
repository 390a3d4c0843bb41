"""Stratified sampling by largest remainder that keeps rare strata."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def allocate(sizes: npt.ArrayLike, count: int) -> Ints:
    """Returns how many rows each stratum gives, so that they sum to `count`.

    While there are no more strata than rows wanted, every stratum gives at least one: strata
    whose share is below one row give one, the others share what is left in proportion to their
    sizes. That proportional share is a stratum's quota; it gives its quota rounded down or up, up
    where the remainder is largest (Hamilton's method). With more strata than rows wanted the rows
    left after rounding down go first to strata that gave none. Ties go to the earlier stratum.

    Args:
      sizes: [S] rows in each stratum, each 1 or more.
      count: rows wanted in all.

    Returns:
      [S] int64, none above its size; the sizes themselves where `count` reaches their sum.
    """
    size = np.asarray(sizes, dtype=np.int64)
    total = int(size.sum())
    if count >= total:
        return size.copy()
    given = np.zeros_like(size)
    order = np.argsort(size, kind="stable")
    rare = _rare(size[order], count) if len(size) <= count else 0
    given[order[:rare]] = 1
    common = np.sort(order[rare:])  # back in the order given, which breaks ties
    whole, remainder = np.divmod(size[common] * (count - rare), int(size[common].sum()))
    left = count - rare - int(whole.sum())
    first = (
        np.lexsort((-remainder, whole > 0))
        if len(size) > count
        else np.argsort(-remainder, kind="stable")
    )
    whole[first[:left]] += 1
    given[common] = whole
    return given


def _rare(ascending: Ints, count: int) -> int:
    """Returns how many of the smallest strata have a quota below one row."""
    rest = np.cumsum(ascending[::-1])[::-1]  # rows in this stratum and all larger ones
    seats = count - np.arange(len(ascending))
    # Quota of a stratum when all smaller ones give one row: seats * size / rest.
    return int(np.argmax(seats * ascending >= rest))


def sample(strata: npt.NDArray[np.generic], count: int) -> Ints:
    """Returns the positions of `count` of the rows, ascending, drawn evenly over the strata.

    Args:
      strata: [N] stratum of each row, the rows in the order in which they are drawn: within a
        stratum the first ones are taken, so a random order makes a random draw.
      count: rows wanted; all rows are returned where there are no more.
    """
    if count >= len(strata):
        return np.arange(len(strata), dtype=np.int64)
    order = np.argsort(strata, kind="stable")
    ordered = strata[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(strata)])
    # Strata in order of their first row: their codes must not decide ties.
    by_first = np.argsort(order[starts], kind="stable")
    given = np.empty_like(sizes)
    given[by_first] = allocate(sizes[by_first], count)
    within = np.arange(len(strata)) - np.repeat(starts, sizes)
    return np.sort(order[within < np.repeat(given, sizes)])
