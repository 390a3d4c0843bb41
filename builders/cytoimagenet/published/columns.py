"""Columns that come piece by piece; of text that repeats each value is kept once."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

PIECE = 1 << 12  # rows that are Python objects at a time


class Codes:
    """Text that repeats: each value once, and its number for each row."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._values = pa.array([], pa.string())

    def add(self, texts: pd.Series, change: Callable[[str], str] = str) -> npt.NDArray[np.int32]:
        """Returns the number of each row's value, as `change` makes it."""
        encoded = _plain(texts).dictionary_encode()
        known = [self.number(change(value)) for value in encoded.dictionary.to_pylist()]
        found: npt.NDArray[np.int32] = np.array(known, np.int32)[encoded.indices.to_numpy()]
        return found

    def number(self, value: str) -> int:
        """Returns the number of a value."""
        return self._known.setdefault(value, len(self._known))

    def values(self) -> list[str]:
        """Returns all values, in the order of their numbers."""
        return list(self._known)

    def of(self, numbers: npt.NDArray[Any]) -> pa.DictionaryArray:
        """Returns a column of the values with these numbers."""
        if len(self._values) < len(self._known):
            self._values = pa.array(self._known, pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), self._values)


class Pairs:
    """How many rows have each pair of numbers."""

    def __init__(self) -> None:
        self._counts: collections.Counter[int] = collections.Counter()

    def add(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> None:
        """Counts rows."""
        found, counts = np.unique(first.astype(np.int64) << 32 | second, return_counts=True)
        self._counts.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))

    def counts(self) -> dict[tuple[int, int], int]:
        """Returns pair -> rows, sorted."""
        mask = (1 << 32) - 1
        return {(pair >> 32, pair & mask): count for pair, count in sorted(self._counts.items())}


def _plain(texts: pd.Series | Sequence[str]) -> pa.Array:
    found = pa.array(texts, pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def pairs(*columns: pa.DictionaryArray) -> list[tuple[tuple[str, ...], int]]:
    """Returns the combinations of values that stand in a row, and in how many rows each does."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * len(column.dictionary) + column.indices.to_numpy()
    found, counts = np.unique(code, return_counts=True)
    parts = []
    for column in reversed(columns):
        found, part = np.divmod(found, max(len(column.dictionary), 1))
        parts.append(column.dictionary.take(pa.array(part)).to_pylist())
    return list(zip(zip(*reversed(parts), strict=True), counts.tolist(), strict=True))
