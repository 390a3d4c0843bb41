"""Train and validation, stratified by label and never dividing a group."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds.curation import index

TRAIN, VALIDATION = "train", "validation"
GROUPS = "split"  # purpose of the hash that puts groups in order
_UNDECIDED = -1


@dataclasses.dataclass(frozen=True)
class _Class:
    """The groups of one class and how many of its rows each holds; groups in hash order."""

    label: str
    groups: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


def by_group(
    labels: pd.Series, groups: pd.Series, fraction: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Returns which rows are for validation, all rows of a group on the same side.

    Classes are taken in rising number of groups. Each gives validation the nearest it can to its
    share of rows, in the order of hash(seed, group), counting groups that earlier classes have
    decided. A class of one group is for training; a class of two or more has rows on both sides
    where its groups, which it may share with other classes, allow it.

    Args:
      labels: [N] class of each row.
      groups: [N] what must not be divided.
      fraction: share of validation, above 0 and at most 0.5.
      seed: of the draw.

    Returns:
      [N] bool.
    """
    codes, names = pd.factorize(groups)
    rank = np.empty(len(names), np.int64)
    rank[index.hash_order(pd.Series(names), seed, GROUPS)] = np.arange(len(names))
    return by_number(labels, rank[codes], len(names), fraction)


def by_number(
    labels: pd.Series, numbers: npt.NDArray[np.int64], count: int, fraction: float
) -> npt.NDArray[np.bool_]:
    """As `by_group`, given each row's group as its number in hash order.

    Args:
      labels: [N] class of each row.
      numbers: [N] group of each row.
      count: number of groups.
      fraction: share of validation.

    Returns:
      [N] bool.
    """
    codes, names = pd.factorize(labels)
    pairs, sizes = np.unique(codes * count + numbers, return_counts=True)
    label, group = np.divmod(pairs, max(count, 1))
    side = sides(names.tolist(), label, group, sizes, count, fraction)
    validation: npt.NDArray[np.bool_] = (side == 1)[numbers]
    return validation


def sides(
    names: Sequence[str],
    labels: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    sizes: npt.NDArray[Any],
    count: int,
    fraction: float,
) -> npt.NDArray[np.int8]:
    """As `by_number`, given how many rows each class has of each of its groups.

    Args:
      names: the classes.
      labels: [P] number of the class of each pair, rising.
      groups: [P] group of each pair in hash order, rising within a class.
      sizes: [P] rows of each pair.
      count: number of groups.
      fraction: share of validation.

    Returns:
      [count] 1 for a group that is for validation.
    """
    classes = _classes(names, labels, groups, sizes)
    side = np.full(count, _UNDECIDED, np.int8)
    for entry in classes:
        _decide(entry, side, fraction)
    _repair(classes, side)
    return side


def _classes(
    names: Sequence[str],
    labels: npt.NDArray[Any],
    groups: npt.NDArray[Any],
    sizes: npt.NDArray[Any],
) -> list[_Class]:
    """Returns the classes in rising number of groups, then rows, then name."""
    bounds = np.searchsorted(labels, np.arange(len(names) + 1))
    found = [
        _Class(str(name), groups[a:b], sizes[a:b])
        for name, a, b in zip(names, bounds[:-1], bounds[1:], strict=True)
    ]
    return sorted(found, key=lambda c: (len(c.groups), int(c.sizes.sum()), c.label))


def _decide(entry: _Class, side: npt.NDArray[np.int8], fraction: float) -> None:
    """Puts every undecided group of a class on one side."""
    decided = side[entry.groups]
    held = int(entry.sizes[decided == 1].sum())
    free = np.flatnonzero(decided == _UNDECIDED)
    side[entry.groups[free]] = 0
    if not len(free):
        return
    wanted = int(fraction * entry.sizes.sum() + 0.5)
    has_training = bool((decided == 0).any())
    # The last undecided group stays for training where nothing else is.
    spare = len(free) - (not has_training)
    chosen = _fitting(entry.sizes[free], wanted - held, spare)
    if not len(chosen) and not held and spare > 0:
        chosen = [int(np.argmin(entry.sizes[free]))]  # the first of the smallest
    side[entry.groups[free[chosen]]] = 1


def _fitting(sizes: npt.NDArray[np.int64], wanted: int, most: int) -> list[int]:
    """Returns positions of groups, in order, whose sizes sum to at most `wanted`."""
    chosen: list[int] = []
    for position, size in enumerate(sizes.tolist()):
        if wanted <= 0 or len(chosen) >= most:
            break
        if size <= wanted:
            chosen.append(position)
            wanted -= size
    return chosen


def _repair(classes: list[_Class], side: npt.NDArray[np.int8]) -> None:
    """Moves groups while that gives more classes rows on both sides."""
    touching: dict[int, list[_Class]] = {}
    broken = [entry for entry in classes if _lacks(entry, side)]
    if not broken:
        return
    for entry in classes:
        for group in entry.groups.tolist():
            touching.setdefault(group, []).append(entry)
    moved = True
    while moved:
        moved = False
        for entry in broken:
            if not _lacks(entry, side):
                continue
            for group in entry.groups.tolist():
                before = sum(_lacks(other, side) for other in touching[group])
                side[group] ^= 1
                if sum(_lacks(other, side) for other in touching[group]) < before:
                    moved = True
                    break
                side[group] ^= 1


def _lacks(entry: _Class, side: npt.NDArray[np.int8]) -> int:
    """Returns how much a class lacks: 2 without training, 1 without validation it could have."""
    sides = side[entry.groups]
    if (sides == 1).all():
        return 2
    return int(len(sides) > 1 and not (sides == 1).any())


def by_image(
    labels: pd.Series, keys: pd.Series, fraction: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Returns which images are for validation, each drawn by itself within its class.

    As the reference splits (with another random generator): crops of one field, and fields of one
    well, can stand on both sides. Of a class of two images or more at least one is for validation.

    Args:
      labels: [N] class of each image.
      keys: [N] key of each image, of crops for a split of crops.
      fraction: share of validation.
      seed: of the draw.

    Returns:
      [N] bool.
    """
    codes, _ = pd.factorize(labels)
    return draw(codes, index.hash_order(keys, seed, "split"), fraction)


def draw(
    codes: npt.NDArray[Any], shuffled: npt.NDArray[np.int64], fraction: float
) -> npt.NDArray[np.bool_]:
    """As `by_image`, given the class of each image as a number and the images in hash order."""
    order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    ordered = codes[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    wanted = np.minimum(np.maximum((fraction * sizes + 0.5).astype(np.int64), 1), sizes - 1)
    within = np.arange(len(ordered)) - np.repeat(starts, sizes)
    result = np.zeros(len(ordered), bool)
    result[order] = within < np.repeat(wanted, sizes)
    return result


def names(validation: npt.NDArray[np.bool_]) -> pd.Series:
    """Returns the name of the split of each row."""
    return (
        pd.Series([TRAIN, VALIDATION], dtype="str")
        .take(validation.astype(np.int8))
        .reset_index(drop=True)
    )
