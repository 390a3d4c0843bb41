"""The lines of the published table in the words of the schema, in a database on the disk."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import hashing, schema
from cytoimagenet_tfds.build import plan_table, scratch
from cytoimagenet_tfds.builders.cytoimagenet.published import columns
from cytoimagenet_tfds.curation import splits

SEED = 0

TOKENS = (*schema.CATEGORIES, "microscopy", "channels")
BOUNDS = ("y_min", "y_max", "x_min", "x_max")
NUMBERS = ("scaling", *BOUNDS)
TEXTS = ("category", "database", "name", "dir_name", "dset")
CODED = ("label", "stated", *TEXTS, *TOKENS)

# One line: the numbers of its values, see `columns.Codes`, and what are numbers themselves.
LINE = np.dtype([
    *((name, "i4") for name in (*CODED, *BOUNDS)), ("scaling", "f4"), ("crop", "i1"),
])  # fmt: skip

_PARTS = ("folder", "filename")  # of a place
_MEMBER = np.dtype([("label", "i4"), ("group", "u8")])
_CATEGORIES = (*schema.CATEGORIES, "")
_COUNTED = ("stated", "category", "dir_name", "dset")  # pairs of the label with these

Texts = tuple[pd.Series, Callable[[str], str]]  # cells, and what each of them means


@dataclasses.dataclass(frozen=True)
class Piece:
    """Some lines.

    Attributes:
      texts: each of `CODED`.
      places: `<folder>/<file name>` of each.
      idx: `idx` of each.
      numbers: `crop`, 0 or 1, and each of `NUMBERS`: bounds -1, scaling NaN where not stated.
    """

    texts: Mapping[str, Texts]
    places: list[str]
    idx: list[str]
    numbers: Mapping[str, npt.NDArray[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Lines:
    """All lines, in file order.

    Text is '' where empty, that of `TOKENS` joined by '|'. `stated` is the label as it stands in
    the file.

    Attributes:
      store: has them in a table: `number`, `place`, `label` as its number, `idx`, `numbers`.
      table: name of that table.
      count: number of lines.
      codes: the values of each of `CODED`.
      counted: pairs of the label with some others.
      category_of: number of each value of `category` among the known ones, -1 for none of them.
      category_of_label: number of the category of each label that has lines without one.
      members: label of each line as its number, and hash of its group.
      dset_of: the lines that state `dset` in the place of these.
    """

    store: scratch.Store
    table: str
    count: int
    codes: Mapping[str, columns.Codes]
    counted: Mapping[str, columns.Pairs]
    category_of: npt.NDArray[np.int32]
    category_of_label: npt.NDArray[np.int32]
    members: scratch.Spooled
    dset_of: Lines | None = None

    def __len__(self) -> int:
        return self.count

    def pairs(self, name: str) -> dict[tuple[str, str], int]:
        """Returns (label, value of another column) -> lines."""
        if name == "dset" and self.dset_of is not None:
            return self.dset_of.pairs(name)
        labels, values = self.codes["label"].values(), self.codes[name].values()
        found: collections.Counter[tuple[str, str]] = collections.Counter()
        for (label, value), count in self.counted[name].counts().items():
            text = values[value] if name != "category" else self._category(label, value)
            found[labels[label], text] += count
        return dict(found)

    def _category(self, label: int, value: int) -> str:
        known = int(self.category_of[value])
        return _CATEGORIES[int(self.category_of_label[label]) if known < 0 else known]

    def numbers(self) -> Iterator[npt.NDArray[Any]]:
        """Yields the numbers of lines, of type `LINE`, some thousands at a time."""
        query = f"SELECT numbers FROM {self.table} ORDER BY number"
        for piece in self.store.pieces(query):
            yield scratch.records([data for (data,) in piece], LINE)

    def pieces(self) -> Iterator[Columns]:
        """Yields the columns of lines, some thousands at a time."""
        query = f"SELECT place, idx, numbers FROM {self.table} ORDER BY number"
        for piece in self.store.pieces(query):
            places, idx, data = zip(*piece, strict=True)
            texts = {"place": pa.array(places), "idx": pa.array(idx)}
            yield Columns(self, scratch.records(data, LINE), texts)


class Columns:
    """Columns of some lines, each made when it is asked for.

    Those of the table, texts that repeat as dictionaries; `place`, and its parts `folder` and
    `filename`; `idx`.
    """

    def __init__(
        self, listed: Lines, numbers: npt.NDArray[Any], texts: Mapping[str, pa.Array]
    ) -> None:
        self._listed, self._numbers, self._texts = listed, numbers, texts

    def __getitem__(self, name: str) -> pa.Array:
        if name == "category":
            return self._category()
        if name in CODED:
            return self._listed.codes[name].of(self._numbers[name])
        if name in _PARTS:
            parts = pc.split_pattern(self["place"], "/", max_splits=1)
            return pc.list_element(parts, _PARTS.index(name))
        if name in self._texts:
            return self._texts[name]
        return pa.array(self._numbers[name])

    def _category(self) -> pa.DictionaryArray:
        own = self._listed.category_of[self._numbers["category"]]
        of_label = self._listed.category_of_label[self._numbers["label"]]
        found = pa.array(np.where(own < 0, of_label, own), pa.int32())
        return pa.DictionaryArray.from_arrays(found, pa.array(_CATEGORIES, pa.string()))


class Writer:
    """Takes the lines piece by piece."""

    def __init__(self, store: scratch.Store, table: str) -> None:
        self._store, self._table, self._count = store, table, 0
        self._codes = {name: columns.Codes() for name in CODED}
        self._counted = {name: columns.Pairs() for name in _COUNTED}
        self._members = scratch.Spooled(_MEMBER, store.folder)
        store.run(
            f"CREATE TABLE {table} "
            "(number INTEGER PRIMARY KEY, place TEXT, label INTEGER, idx TEXT, numbers BLOB)"
        )

    def add(self, piece: Piece) -> None:
        """Adds lines."""
        found = np.empty(len(piece.places), LINE)
        for name, (texts, change) in piece.texts.items():
            found[name] = self._codes[name].add(texts, change)
        for name, values in piece.numbers.items():
            found[name] = values
        for name, counted in self._counted.items():
            counted.add(found["label"], found[name])
        numbers = range(self._count, self._count + len(found))
        data = scratch.blobs(found)
        self._store.add(
            self._table, numbers, piece.places, found["label"].tolist(), piece.idx, data
        )
        self._members.append(self._groups(piece, found))
        self._count += len(found)

    def _groups(self, piece: Piece, found: npt.NDArray[Any]) -> npt.NDArray[Any]:
        sources = self._codes["dir_name"].of(found["dir_name"])
        groups = group_column(sources, pa.array(piece.idx), pa.array(piece.places))
        members = np.empty(len(found), _MEMBER)
        members["label"] = found["label"]
        members["group"] = hashing.hash_keys(SEED, splits.GROUPS, groups.to_pylist())
        return members

    def finish(self) -> Lines:
        """Returns the lines."""
        known = self._codes["category"].values()
        own = [_CATEGORIES.index(name) if name in schema.CATEGORIES else -1 for name in known]
        none = np.full(len(self._codes["label"].values()), len(schema.CATEGORIES), np.int32)
        found = Lines(
            self._store, self._table, self._count, self._codes, self._counted,
            np.array(own, np.int32), none, self._members,
        )  # fmt: skip
        return dataclasses.replace(found, category_of_label=_filled(found, none))


def group_column(sources: pa.DictionaryArray, idx: pa.Array, places: pa.Array) -> pa.Array:
    """All crops of one source image have its `idx`; a row without one is on its own."""
    own = pc.binary_join_element_wise(plan_table.text(sources), idx, ":")
    alone = pc.binary_join_element_wise("file", places, ":")
    return pc.if_else(pc.equal(idx, ""), alone, own)


def _filled(found: Lines, none: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Fills what is missing: a class has one category, and its label stands in that column."""
    stated: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for (label, category), count in found.pairs("category").items():
        stated[label][category] += count
    lacking = sorted(label for label, counts in stated.items() if "" in counts)
    most = {label: _most(stated[label]) for label in lacking}
    rest = [label for label in lacking if not most[label]]
    most |= _in_columns(found, rest) if rest else {}
    filled = none.copy()
    for number, label in enumerate(found.codes["label"].values()):
        filled[number] = _CATEGORIES.index(most.get(label, ""))
    return filled


def _most(counts: Mapping[str, int]) -> str:
    """Returns the category that most rows of a class state, the first of equal ones."""
    return max((name for name in counts if name), key=lambda name: counts[name], default="")


def _in_columns(found: Lines, labels: list[str]) -> dict[str, str]:
    """Returns the column that most rows of each class have its label in, '' for none."""
    counts = {label: dict.fromkeys(schema.CATEGORIES, 0) for label in labels}
    for numbers in found.numbers():
        known = found.codes["label"].of(numbers["label"])
        for name in schema.CATEGORIES:
            for (label, text), count in columns.pairs(known, found.codes[name].of(numbers[name])):
                if label in counts and label in schema.split_tokens(text):
                    counts[label][name] += count
    best = {label: max(counts[label], key=counts[label].__getitem__) for label in labels}
    return {label: name if counts[label][name] else "" for label, name in best.items()}
