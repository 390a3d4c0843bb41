"""Exact nearest neighbours by matrix products.

A product in float32 gives a lower bound of every squared distance, with the worst error that
float32 can make. The rows that could be among the nearest are then measured in float64. So the
result is that of a plain double loop in float64, whatever the block size, the BLAS library or the
number of threads.
"""

from __future__ import annotations

import functools
from concurrent import futures
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from .exclusion import Exclude, Excluded
from .rows import Metric, Rows

_ROUNDING = 2.0**-24  # largest relative error of one float32 operation
_SMALLEST = 2.0**-100  # features are not scaled up beyond it
_PLAIN = (2.0**-20, 2.0**40)  # largest values whose products neither overflow nor vanish
_LOOSER = 4.0  # times as far from zero as from their mean: features still need no copy
_QUERIES = 1024  # in one product: more are no faster
_VALUES = 2**20  # in one step after it: memory that stays in the cache and is used again


def nearest_neighbours(
    train: npt.ArrayLike,
    query: npt.ArrayLike,
    k: int,
    metric: Metric = "euclidean",
    exclude: Exclude = None,
    *,
    memory: int = 2**30,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Returns the k nearest training rows of every query row, exactly.

    Of two rows at the same distance, compared in float64, the one with the lower number is nearer.

    Args:
      train: [N, D] features to search in.
      query: [Q, D] features to find neighbours of.
      k: neighbours wanted of each.
      metric: `euclidean`, or `cosine`: 1 minus the cosine of the angle, in [0, 2].
      exclude: training rows that are no neighbours of a query:
        - [Q] int, one row number for each query, -1 for none: `np.arange(N)` leaves a row itself
          out where train and query are the same;
        - [Q, N] bool, True where excluded;
        - `SameKey(train_keys, query_keys)`: rows of the query's own key (image, compound, plate).
      memory: bytes that the search may use beside its input and result, roughly.

    Returns:
      Distances [Q, k] float64, nearest first, and row numbers of train [Q, k] int64.

    Raises:
      ConfigError: unknown metric; k below 1, or above the rows that are left for a query.
      TableError: shapes that do not fit, NaN or infinite values, a zero vector with `cosine`.
    """
    rows, queries = Rows(train, "train", metric), Rows(query, "query", metric)
    if rows.count[1] != queries.count[1]:
        raise errors.TableError(
            f"train has {wording.counted(rows.count[1], 'feature')}, query {queries.count[1]:,}: "
            "both must come from the same model and method."
        )
    if not 1 <= k <= rows.count[0]:
        raise errors.ConfigError(f"k must lie between 1 and {rows.count[0]:,} rows, not {k}.")
    excluded = Excluded(exclude, rows.count[0], queries.count[0])
    excluded.check(k)
    distances = np.empty((queries.count[0], k))
    indices = np.empty((queries.count[0], k), np.int64)
    with futures.ThreadPoolExecutor() as pool:
        search = _Search(rows, queries, excluded, k, memory, pool)
        for start in range(0, queries.count[0], search.height):
            part = slice(start, min(start + search.height, queries.count[0]))
            distances[part], indices[part] = search.block(part)
    return (np.sqrt(distances) if metric == "euclidean" else distances / 2), indices


def _slices(start: int, stop: int, width: int) -> list[slice]:
    """Returns the rows from start to stop in pieces of about 1 MB."""
    step = max(1, _VALUES // 4 // width)
    return [slice(first, min(first + step, stop)) for first in range(start, stop, step)]


class _Survey(NamedTuple):
    """Of rows: squared lengths after and before the shift, [N], and the largest shifted value."""

    squares: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    top: float


class _Search:
    """The search for one pair of feature sets, block by block."""

    def __init__(
        self,
        rows: Rows,
        queries: Rows,
        excluded: Excluded,
        k: int,
        memory: int,
        pool: futures.Executor,
    ) -> None:
        self._rows, self._queries, self._excluded, self._k = rows, queries, excluded, k
        self._pool = pool
        count, width = rows.count
        # Distances do not change with the origin; the nearer it is, the tighter are the bounds.
        self._origin = rows.origin()
        train, asked = self._survey(rows), self._survey(queries)
        largest = max(train.top, asked.top, _SMALLEST)
        # The rows are shifted and scaled for the product, or stay as they are, which saves a copy
        # of all of them: with shifted queries that moves all bounds of a query alike.
        far = np.sqrt(train.raw.max())
        self._as_is = (
            rows.plain
            and _PLAIN[0] <= largest
            and max(far, largest) <= _PLAIN[1]
            and train.raw.sum() <= _LOOSER * train.squares.sum()
        )
        # A power of two, so that it adds no error; afterwards no product overflows, and what
        # vanishes is less than the floor.
        self._scale = 1.0 if self._as_is else 2.0 ** -np.ceil(np.log2(largest))
        # Half for prepared rows, half for bounds.
        step = count if self._as_is else min(count, memory // 2 // (rows.bytes * width))
        self._step = max(1, step)
        self.height = max(1, min(queries.count[0], _QUERIES, memory // 2 // (4 * count)))
        # Made once: memory that is new each time costs as much as filling it.
        self._buffer = np.empty((0 if self._as_is else self._step, width), np.float32)
        self._bounds = np.empty((self.height, count), np.float32)
        self._query_squares = asked.squares * self._scale**2
        self._error = 1.05 * (width + 32) * _ROUNDING
        self._floor = width * 2.0**-118
        squares = train.squares * self._scale**2
        # What rounding can change depends on the lengths of the rows that are multiplied.
        self._lengths = np.maximum(train.raw, train.squares) if self._as_is else squares
        self._lowered = (squares - self._error * self._lengths).astype(np.float32)
        self._prepared = functools.lru_cache(maxsize=1)(self._prepare)

    def _survey(self, rows: Rows) -> _Survey:
        def measured(part: slice) -> _Survey:
            values = rows.shifted(part, self._origin)
            squares = np.einsum("ij,ij->i", values, values, dtype=np.float64)
            top = max(float(values.max()), -float(values.min()))
            if not rows.plain:
                return _Survey(squares, squares, top)
            plain = rows.single(part)
            return _Survey(squares, np.einsum("ij,ij->i", plain, plain, dtype=np.float64), top)

        found = self._pool.map(measured, _slices(0, *rows.count))
        squares, raw, tops = zip(*found, strict=True)
        return _Survey(np.concatenate(squares), np.concatenate(raw), max(tops))

    def _prepare(self, start: int) -> npt.NDArray[np.float32]:
        stop = min(start + self._step, self._rows.count[0])
        if self._as_is:
            return self._rows.single(slice(start, stop))

        def fill(part: slice) -> None:
            values = self._buffer[part.start - start : part.stop - start]
            self._rows.shifted(part, self._origin, values)
            values *= np.float32(self._scale)

        # In small pieces, which stay in the cache for the second step, and by all processors.
        list(self._pool.map(fill, _slices(start, stop, self._rows.count[1])))
        return self._buffer[: stop - start]

    def block(self, part: slice) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Returns squared distances and row numbers of the neighbours of some queries."""
        query = self._queries.shifted(part, self._origin)
        query *= np.float32(-2 * self._scale)
        bounds = self._bounds[: len(query)]
        for start in range(0, self._rows.count[0], self._step):
            values = self._prepared(start)
            np.matmul(query, values.T, out=bounds[:, start : start + len(values)])
        self._excluded.apply(bounds, part)
        height = max(1, _VALUES // bounds.shape[1])
        starts = range(0, len(bounds), height)
        # The product uses all processors, what follows one: so several pieces at a time.
        pieces = self._pool.map(
            self._measured,
            (bounds[start : start + height] for start in starts),
            (part.start + start for start in starts),
        )
        distances, indices = zip(*pieces, strict=True)
        return np.concatenate(distances), np.concatenate(indices)

    def _measured(
        self, bounds: npt.NDArray[np.float32], start: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Measures every row whose lower bound does not exceed the k-th upper bound."""
        k, part = self._k, slice(start, start + len(bounds))
        bounds += self._lowered
        first = np.argpartition(bounds, k - 1, axis=1)[:, :k]
        lowest = np.take_along_axis(bounds, first, axis=1).astype(np.float64)
        lengths = self._lengths[first] + self._query_squares[part, None]
        upper = lowest + 2 * self._error * lengths + self._floor
        reach = np.nextafter(upper.max(axis=1).astype(np.float32), np.float32(np.inf))
        numbers, candidates = np.divmod(
            np.flatnonzero(bounds <= reach[:, None]), np.int64(bounds.shape[1])
        )
        distances = self._distances(numbers + start, candidates)
        order = np.lexsort((candidates, distances, numbers))
        # Every query has k candidates at least: its first k places in this order.
        starts = np.searchsorted(numbers, np.arange(len(bounds)))
        chosen = order[starts[:, None] + np.arange(k)]
        return distances[chosen], candidates[chosen]

    def _distances(
        self, queries: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Returns the squared distances of pairs, each from its own two rows alone."""
        result = np.empty(len(rows))
        height = max(1, _VALUES // 8 // self._rows.count[1])
        for start in range(0, len(rows), height):
            part = slice(start, start + height)
            difference = self._rows.exact(rows[part])
            difference -= self._queries.exact(queries[part])
            np.square(difference, out=difference)
            result[part] = difference.sum(axis=1)
        return result
