"""Columns that grow piece by piece and take few bytes per row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

PIECE = 1 << 12  # rows that are Python objects at a time
_BLOCK = 1 << 18  # numbers in one piece


class Numbers:
    """Numbers in the smallest type that holds all of them."""

    def __init__(self) -> None:
        # Few large pieces: what grows in small ones leaves gaps between them.
        self._full: list[npt.NDArray[Any]] = []
        self._block = np.empty(0, np.uint8)
        self._used = 0

    def add(self, values: npt.ArrayLike) -> None:
        """Adds rows; fractions are kept as float32."""
        found = np.asarray(values)
        if not len(found):
            return
        kind = _common(_smallest(found), self._block.dtype)
        end = self._used + len(found)
        if kind != self._block.dtype or end > len(self._block):
            self._full.append(self._block[: self._used])
            self._block, self._used, end = np.empty(max(_BLOCK, len(found)), kind), 0, len(found)
        self._block[self._used : end] = found
        self._used = end

    def array(self) -> npt.NDArray[Any]:
        """Returns all rows, and forgets them."""
        pieces = [*self._full, self._block[: self._used]]
        self._full, self._block, self._used = [], np.empty(0, np.uint8), 0
        kinds = [piece.dtype for piece in pieces]
        return np.concatenate(pieces, dtype=functools.reduce(_common, kinds))


def _smallest(values: npt.NDArray[Any]) -> np.dtype[Any]:
    if values.dtype.kind == "f":
        return np.dtype(np.float32)
    ends = (np.min_scalar_type(int(end)) for end in (values.min(), values.max()))
    return _common(*ends)


def _common(first: np.dtype[Any], second: np.dtype[Any]) -> np.dtype[Any]:
    found = np.promote_types(first, second)
    whole = "f" not in (first.kind, second.kind)
    # NumPy takes fractions for the largest positive numbers beside negative ones.
    return np.dtype(np.int64) if whole and found.kind == "f" else found


class Codes:
    """Text that repeats: each value once, and its number for each row."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._rows = Numbers()

    def add(self, texts: pd.Series, change: Callable[[str], str] = str) -> None:
        """Adds rows, each value as `change` makes it."""
        encoded = _plain(texts).dictionary_encode()
        known = [self.number(change(value)) for value in encoded.dictionary.to_pylist()]
        self._rows.add(np.array(known, np.int64)[encoded.indices.to_numpy()])

    def number(self, value: str) -> int:
        """Returns the number of a value."""
        return self._known.setdefault(value, len(self._known))

    def column(self) -> pa.DictionaryArray:
        """Returns the column, and forgets its rows."""
        return self.of(self._rows.array())

    def of(self, numbers: npt.NDArray[Any]) -> pa.DictionaryArray:
        """Returns a column of the values with these numbers."""
        return dictionary(numbers, list(self._known))


class Texts:
    """Text that does not repeat."""

    def __init__(self) -> None:
        self._pieces: list[pa.Array] = [pa.array([], pa.string())]

    def add(self, texts: pd.Series | Sequence[str]) -> None:
        """Adds rows."""
        self._pieces.append(_plain(texts))

    def column(self) -> pa.Array:
        """Returns the column, and forgets it."""
        pieces, self._pieces = self._pieces, []
        return pa.concat_arrays(pieces)


def _plain(texts: pd.Series | Sequence[str]) -> pa.Array:
    found = pa.array(texts, pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def dictionary(numbers: npt.NDArray[Any], values: Sequence[str]) -> pa.DictionaryArray:
    """Returns the column of which row i holds `values[numbers[i]]`."""
    kind = np.int8 if len(values) <= 1 << 7 else np.int16 if len(values) <= 1 << 15 else np.int32
    return pa.DictionaryArray.from_arrays(
        pa.array(numbers.astype(kind, copy=False)), pa.array(values, pa.string())
    )


def same_rows(column: pa.DictionaryArray, values: Sequence[str]) -> pa.DictionaryArray:
    """Returns a column with other values for the same numbers, which are not copied."""
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(values, pa.string()))


def changed(column: pa.DictionaryArray, change: Callable[[str], str]) -> pa.DictionaryArray:
    """Returns a column with each value changed; values that were different must stay so."""
    return same_rows(column, [change(value) for value in column.dictionary.to_pylist()])


def merged(column: pa.DictionaryArray, change: Callable[[str], str]) -> pa.DictionaryArray:
    """Returns a column with each value changed; several may become one."""
    codes = Codes()
    known = [codes.number(change(value)) for value in column.dictionary.to_pylist()]
    return codes.of(np.array(known, np.int64)[numbers(column)])


def only(column: pa.Array, which: npt.NDArray[np.bool_]) -> pa.Array:
    """Returns a column without the values of other rows."""
    return pc.if_else(pa.array(which), column, pa.scalar(None, column.type))


def numbers(column: pa.DictionaryArray) -> npt.NDArray[Any]:
    """Returns the number of each row's value in the dictionary of a column."""
    found: npt.NDArray[Any] = column.indices.to_numpy()
    return found


def where(column: pa.DictionaryArray, test: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """Returns which rows have a value that fits."""
    fits = np.array([test(value) for value in column.dictionary.to_pylist()], bool)
    found: npt.NDArray[np.bool_] = fits[numbers(column)]
    return found


def pairs(*columns: pa.DictionaryArray) -> list[tuple[tuple[str, ...], int]]:
    """Returns the combinations of values that stand in a row, and in how many rows each does."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * len(column.dictionary) + numbers(column)
    found, counts = np.unique(code, return_counts=True)
    parts = []
    for column in reversed(columns):
        found, part = np.divmod(found, max(len(column.dictionary), 1))
        parts.append(column.dictionary.take(pa.array(part)).to_pylist())
    return list(zip(zip(*reversed(parts), strict=True), counts.tolist(), strict=True))
