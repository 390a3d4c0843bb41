"""The rows of every label, found once: an inverted index of exact tokens.

Rows are numbered by a hash of their keys. So every list of rows is in random order already, the
same whatever order the table has, and 'the first n' is a random draw.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import hashing, schema
from cytoimagenet_tfds.curation.vocabulary import Vocabulary

Rows = npt.NDArray[np.int32]
_CHUNK = 1_000_000  # keys that are Python objects at one time


@dataclasses.dataclass(frozen=True)
class Column:
    """One text column, its distinct cells numbered.

    Attributes:
      codes: [N] number of each row's cell, rows in the order of the index.
      cells: distinct cells.
    """

    codes: npt.NDArray[np.unsignedinteger]
    cells: tuple[str, ...]

    @functools.cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """[cells] rows of each cell."""
        return np.bincount(self.codes, minlength=len(self.cells))

    @functools.cached_property
    def _by_cell(self) -> tuple[Rows, npt.NDArray[np.int64]]:
        # Stable sorting of 16-bit numbers is a radix sort: linear.
        order = np.argsort(self.codes, kind="stable").astype(np.int32)
        return order, np.r_[0, np.cumsum(self.counts)]

    @functools.cached_property
    def tokens(self) -> dict[str, list[int]]:
        """The cells that hold each token, as numbers."""
        found: dict[str, list[int]] = {}
        for number, cell in enumerate(self.cells):
            for token in dict.fromkeys(schema.split_tokens(cell)):
                found.setdefault(token, []).append(number)
        return found

    def rows(self, token: str) -> Rows:
        """Returns the rows whose cell holds the token, ascending."""
        order, starts = self._by_cell
        parts = [order[starts[cell] : starts[cell + 1]] for cell in self.tokens[token]]
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))


def column(
    values: pd.Series,
    order: npt.NDArray[np.int64],
    clean: Callable[[str], str] = str,
) -> Column:
    """Numbers the distinct cells of a text column, each cleaned first.

    The numbers have the smallest type that holds them.
    """
    codes, cells = pd.factorize(values)
    numbers: dict[str, int] = {}
    renumbered = [numbers.setdefault(clean(cell), len(numbers)) for cell in cells]
    kind = np.min_scalar_type(max(len(numbers) - 1, 0))
    return Column(np.array(renumbered, kind)[codes][order], tuple(numbers))


def hash_order(keys: pd.Series, seed: int, purpose: str) -> npt.NDArray[np.int64]:
    """Returns the positions of the rows in order of hash(seed, purpose, key), ties by key."""
    parts = [
        hashing.hash_keys(seed, purpose, keys.iloc[start : start + _CHUNK].tolist())
        for start in range(0, len(keys), _CHUNK)
    ]
    hashes = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((keys.to_numpy(), hashes))
    return order.astype(np.int64)


class LabelIndex:
    """All label columns of a row table, in hash order.

    Attributes:
      order: [N] position in the table of each row of the index.
      columns: label column -> its cells, in the vocabulary's words.
      name: the dataset of each row.
      microscopy: the modalities of each row.
      categories: the label columns that give classes.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        categories: Sequence[str],
        vocabulary: Vocabulary,
        seed: int,
    ) -> None:
        self.order = hash_order(rows["key"], seed, "sample")
        self.columns = {
            name: column(rows[name], self.order, functools.partial(vocabulary.clean, name))
            for name in schema.CATEGORIES
        }
        self.name = column(rows["name"], self.order)
        self.microscopy = column(
            rows["microscopy"], self.order, functools.partial(vocabulary.clean, "microscopy")
        )
        self.categories = tuple(name for name in schema.CATEGORIES if name in categories)
