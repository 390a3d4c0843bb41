"""Order by the hash of a key, with the text of keys at hand for a few at a time only."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.build import plan_table

Positions = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Keys = Callable[[Positions], list[str]]  # positions -> keys


def hashes(keys: Keys, count: int, seed: int, purpose: str) -> Hashes:
    """Returns the hash of each key, [count]; see `hashing.hash_keys`."""
    found = np.empty(count, np.uint64)
    for start, end in plan_table.slices(count):
        found[start:end] = hashing.hash_keys(seed, purpose, keys(np.arange(start, end)))
    return found


def order(chances: Hashes, keys: Keys) -> Positions:
    """Returns the positions in order of their hashes, ties by key."""
    found = np.argsort(chances, kind="stable").astype(np.int64)
    for start, end in ties(chances[found]):
        tied = found[start:end]
        names = keys(tied)
        found[start:end] = tied[sorted(range(len(names)), key=names.__getitem__)]
    return found


def repeated(chances: Hashes, ordered: Positions, keys: Keys) -> list[str]:
    """Returns the keys that stand before already, where `ordered` is what `order` gave."""
    again: list[str] = []
    for start, end in ties(chances[ordered]):
        names = keys(ordered[start:end])
        pairs = itertools.pairwise(names)
        again += [second for first, second in pairs if first == second]
    return again


def ties(ascending: Hashes) -> Iterator[tuple[int, int]]:
    """Yields start and end of each run of equal values."""
    equal = np.flatnonzero(ascending[1:] == ascending[:-1])
    if len(equal):
        for run in np.split(equal, np.flatnonzero(np.diff(equal) > 1) + 1):
            yield int(run[0]), int(run[-1]) + 2


def turns(groups: npt.NDArray[Any], ordered: Positions) -> npt.NDArray[np.int32]:
    """Returns, for each position, how many of its group come before it in `ordered`, [N]."""
    sequence = groups[ordered]
    by_group = np.argsort(sequence, kind="stable")
    sorted_groups = sequence[by_group]
    starts = np.flatnonzero(np.r_[True, sorted_groups[1:] != sorted_groups[:-1]])
    sizes = np.diff(np.r_[starts, len(sorted_groups)])
    found = np.empty(len(groups), np.int32)
    found[ordered[by_group]] = np.arange(len(groups)) - np.repeat(starts, sizes)
    return found
