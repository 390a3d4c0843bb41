"""Weak labels: which row goes to which class."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation import strata
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.index import LabelIndex, Rows

COARSE = ("name", "organism", "cell_type")  # strata of the first step
_REFERENCE = ("organism", "cell_type", "cell_visible", "sirna", "compound", "phenotype")
_PAIR = {"sirna": "compound", "compound": "sirna"}
_NUMBERS = 2**62  # combinations of strata that fit a number


@dataclasses.dataclass(frozen=True)
class Label:
    """A value of a label column that could be a class.

    Attributes:
      category: its column.
      label: the value.
      count: rows that hold it.
      elsewhere: other columns it stands in, with their counts; their rows do not belong to it.
    """

    category: str
    label: str
    count: int
    elsewhere: tuple[tuple[str, int], ...] = ()

    @property
    def turn(self) -> tuple[int, int, str]:
        """Sorts labels by rising count, ties by category and then by name."""
        return self.count, schema.CATEGORIES.index(self.category), self.label


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A candidate that found too few unused rows at its turn.

    Attributes:
      label: the candidate.
      unused: rows of it that were not used.
      taken_by: labels that had taken the others, with their numbers, largest first.
    """

    label: Label
    unused: int
    taken_by: tuple[tuple[str, int], ...]


@dataclasses.dataclass
class Assignment:
    """Classes and their rows.

    Attributes:
      labels: all values that could be classes, in rising order of count.
      classes: label -> the candidate and its rows, as numbers of the index, ascending.
      skipped: candidates that became no class.
    """

    labels: list[Label]
    classes: dict[str, tuple[Label, Rows]]
    skipped: list[Skipped]


def labels(index: LabelIndex) -> list[Label]:
    """Returns all labels in rising order of count.

    A value in two columns is one label: it belongs to the column where more rows hold it (ties by
    the order of `schema.CATEGORIES`), and only that column's rows can become its class.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for category in index.categories:
        column = index.columns[category]
        for token, cells in column.tokens.items():
            count = int(column.counts[cells].sum())
            found.setdefault(token, []).append((count, category))
    result = []
    for token, places in found.items():
        places.sort(key=lambda place: -place[0])
        (count, category), *others = places
        result.append(Label(category, token, count, tuple((c, n) for n, c in others)))
    return sorted(result, key=lambda label: label.turn)


class Assigner:
    """Gives rows to labels, each row once."""

    def __init__(self, index: LabelIndex, config: CurationConfig) -> None:
        self._index = index
        self._config = config
        self._used = np.zeros(len(index.order), bool)

    def unused(self, label: Label) -> Rows:
        """Returns the rows that hold the label and are in no class."""
        rows = self._index.columns[label.category].rows(label.label)
        return rows[~self._used[rows]]

    def take(self, label: Label, unused: Rows) -> Rows:
        """Marks as used, and returns, up to `target` of the unused rows, drawn by strata."""
        rows = unused
        presampled = len(rows) > self._config.presample
        if presampled:
            coarse = self._coarse(label.category)[rows]
            rows = rows[strata.sample(coarse, self._config.presample)]
        if len(rows) > self._config.target:
            columns = fine_columns(label.category, self._config.strata, presampled=presampled)
            rows = rows[strata.sample(self._codes(columns, rows), self._config.target)]
        self.mark(rows)
        return rows

    def mark(self, rows: Rows) -> None:
        """Counts rows as used."""
        self._used[rows] = True

    @functools.cache  # noqa: B019 - lives as long as one assignment
    def _coarse(self, category: str) -> npt.NDArray[np.unsignedinteger]:
        columns = tuple(name for name in COARSE if name != category)
        return self._codes(columns, None)

    def _codes(self, columns: Sequence[str], rows: Rows | None) -> npt.NDArray[np.unsignedinteger]:
        """Numbers the combinations of values that occur in some rows, exactly."""
        codes, numbers = np.zeros(1, np.int64), 1
        for name in columns:
            column = self._index.name if name == "name" else self._index.columns[name]
            if numbers * len(column.cells) > _NUMBERS:
                codes, cells = pd.factorize(codes)
                numbers = len(cells)
            own = column.codes if rows is None else column.codes[rows]
            codes = codes * len(column.cells) + own.astype(np.int64)
            numbers *= len(column.cells)
        dense, cells = pd.factorize(codes)
        # 16-bit numbers sort in linear time.
        return dense.astype(np.min_scalar_type(max(len(cells) - 1, 0)))


def fine_columns(category: str, rule: str, *, presampled: bool) -> tuple[str, ...]:
    """Returns the columns whose combined values are the strata of the second step.

    Args:
      category: column of the label, which is left out.
      rule: 'labels' for the seven label columns; 'reference' for those of the reference
        implementation: no gene, no compound for an siRNA and the reverse, and after a first step
        not its columns.
      presampled: whether the first step took place.
    """
    if rule == "labels":
        return tuple(name for name in schema.CATEGORIES if name != category)
    dropped = {category, _PAIR.get(category)} | (set(COARSE) if presampled else set())
    return tuple(name for name in _REFERENCE if name not in dropped)


def assign(index: LabelIndex, config: CurationConfig) -> Assignment:
    """Goes through the candidates in rising order of count and gives each its rows."""
    found = labels(index)
    assigner = Assigner(index, config)
    owner = np.zeros(len(index.order), np.int32)  # number of the class of each row, 0 for none
    result = Assignment(found, {}, [])
    for label in found:
        if label.count < config.min_images:
            continue
        unused = assigner.unused(label)
        if len(unused) < config.min_images:
            result.skipped.append(_skipped(index, label, len(unused), owner, result))
            continue
        rows = assigner.take(label, unused)
        result.classes[label.label] = (label, rows)
        owner[rows] = len(result.classes)
    return result


def _skipped(
    index: LabelIndex, label: Label, unused: int, owner: npt.NDArray[np.int32], so_far: Assignment
) -> Skipped:
    owners = np.bincount(owner[index.columns[label.category].rows(label.label)])
    owners[0] = 0  # rows of no class
    names = list(so_far.classes)
    taken = [(names[number - 1], int(owners[number])) for number in np.flatnonzero(owners)]
    return Skipped(label, unused, tuple(sorted(taken, key=lambda pair: (-pair[1], pair[0]))))


def keep(assignment: Assignment, index: LabelIndex, config: CurationConfig) -> Assignment:
    """Keeps the classes of `config.labels`; `supplement` fills them from the rows that frees."""
    kept = {name: entry for name, entry in assignment.classes.items() if name in config.labels}
    result = dataclasses.replace(assignment, classes=kept)
    if config.supplement:
        fill(result, index, config)
    return result


def fill(
    assignment: Assignment,
    index: LabelIndex,
    config: CurationConfig,
    refused: Rows | None = None,
) -> None:
    """Fills classes short of `target` with unused rows at random, in the order of the classes.

    Rows in `refused` are not taken.
    """
    assigner = Assigner(index, config)
    if refused is not None:
        assigner.mark(refused)
    for _, rows in assignment.classes.values():
        assigner.mark(rows)
    for name, (label, rows) in assignment.classes.items():
        more = assigner.unused(label)[: max(config.target - len(rows), 0)]
        assigner.mark(more)
        assignment.classes[name] = (label, np.sort(np.concatenate([rows, more])))


def unseen(assignment: Assignment, index: LabelIndex, config: CurationConfig) -> Assignment:
    """Returns the largest labels below `min_images` as classes, of rows that no class uses."""
    assigner = Assigner(index, config)
    for _, rows in assignment.classes.values():
        assigner.mark(rows)
    result = Assignment(assignment.labels, {}, assignment.skipped)
    below = [label for label in assignment.labels if label.count < config.min_images]
    for label in sorted(below, key=lambda label: (-label.count, *label.turn[1:])):
        if len(result.classes) == config.unseen:
            break
        rows = assigner.unused(label)
        if len(rows) >= config.min_class:
            result.classes[label.label] = (label, assigner.take(label, rows))
    return result
