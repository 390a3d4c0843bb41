"""Which training rows may not be neighbours of which query."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from . import checks


@dataclasses.dataclass(frozen=True)
class SameKey:
    """Excludes the training rows whose key is that of the query.

    Attributes:
      train: [N] keys of the training rows: example keys, compounds, plates ...
      query: [Q] keys of the queries.
    """

    train: Sequence[Any] | npt.NDArray[Any]
    query: Sequence[Any] | npt.NDArray[Any]


Exclude: TypeAlias = "npt.ArrayLike | SameKey | None"


class Excluded:
    """Marks excluded rows in blocks of distances.

    Args:
      exclude: see `neighbours.nearest_neighbours`.
      rows: number of training rows.
      queries: number of queries.
    """

    def __init__(self, exclude: Exclude, rows: int, queries: int) -> None:
        self._rows = rows
        self._mask: npt.NDArray[np.bool_] | None = None
        self._lists: tuple[npt.NDArray[np.int64], ...] | None = None
        if isinstance(exclude, SameKey):
            self._lists = _of_same_key(exclude, rows, queries)
        elif exclude is not None:
            self._read(np.asarray(exclude), rows, queries)

    def _read(self, array: npt.NDArray[Any], rows: int, queries: int) -> None:
        if array.dtype.kind == "b" and array.shape == (queries, rows):
            self._mask = array
        elif array.dtype.kind in "iu" and array.shape == (queries,):
            if array.size and not -1 <= array.min() <= array.max() < rows:
                raise errors.ConfigError(
                    f"exclude holds row numbers from {array.min()} to {array.max()}; train has the "
                    f"rows 0 to {rows - 1}, -1 stands for none."
                )
            self._lists = tuple(array[i : i + 1][array[i : i + 1] >= 0] for i in range(queries))
        else:
            raise errors.ConfigError(
                f"exclude must be int [{queries}], bool [{queries}, {rows}] or a SameKey, not "
                f"{array.dtype} {list(array.shape)}."
            )

    def apply(self, distances: npt.NDArray[Any], part: slice) -> None:
        """Sets the distances [B, N] of the queries `part` to infinity where excluded."""
        if self._mask is not None:
            distances[self._mask[part]] = np.inf
        if self._lists is not None:
            for line, rows in zip(distances, self._lists[part], strict=True):
                line[rows] = np.inf

    def check(self, k: int) -> None:
        """Raises ConfigError where fewer than k rows are left for a query."""
        if self._mask is not None:
            counts = self._mask.sum(axis=1)
        else:
            counts = np.array([len(rows) for rows in self._lists or ()], np.int64)
        lacking = np.flatnonzero(self._rows - counts < k)
        if lacking.size:
            raise errors.ConfigError(
                f"{wording.counted(lacking.size, 'query has', 'queries have')} fewer than k = {k} "
                f"neighbours that are not excluded: {checks.shown(lacking)}."
            )


def _of_same_key(keys: SameKey, rows: int, queries: int) -> tuple[npt.NDArray[np.int64], ...]:
    if len(keys.train) != rows or len(keys.query) != queries:
        raise errors.TableError(
            f"SameKey has {len(keys.train):,} and {len(keys.query):,} keys for {rows:,} training "
            f"rows and {queries:,} queries."
        )
    _, codes = checks.codes([*keys.train, *keys.query])
    order = np.argsort(codes[:rows], kind="stable")
    ordered = codes[:rows][order]
    starts = np.searchsorted(ordered, codes[rows:], side="left")
    ends = np.searchsorted(ordered, codes[rows:], side="right")
    return tuple(order[a:b] for a, b in zip(starts, ends, strict=True))
