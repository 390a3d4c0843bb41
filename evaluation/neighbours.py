"""Exact nearest neighbours by matrix products.

A product in float32 gives a lower bound of every squared distance, with the worst error that
float32 can make. The rows that could be among the nearest are then measured in float64. So the
result is that of a plain double loop in float64, whatever the block size, the BLAS library or the
number of threads.
"""

from __future__ import annotations

import functools
from concurrent import futures
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks
from .exclusion import Exclude, Excluded

Metric = Literal["euclidean", "cosine"]

_ROUNDING = 2.0**-24  # largest relative error of one float32 operation
_SMALLEST = 2.0**-100  # features are not scaled up beyond it
_SAMPLE = 1024  # rows that give the origin
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
    rows, queries = _Rows(train, "train", metric), _Rows(query, "query", metric)
    if rows.count[1] != queries.count[1]:
        raise errors.TableError(
            f"train has {rows.count[1]:,} features, query {queries.count[1]:,}: both must come "
            "from the same model and method."
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


class _Rows:
    """Features in the two forms that the search needs.

    With `cosine` every row is divided by its length: on such rows the squared Euclidean distance
    is twice the cosine distance.
    """

    def __init__(self, features: npt.ArrayLike, what: str, metric: str) -> None:
        if metric not in get_args(Metric):
            raise errors.ConfigError(errors.unknown_name("metric", metric, get_args(Metric)))
        self._features = checks.matrix(features, what)
        self.count: tuple[int, ...] = self._features.shape
        self._lengths = lengths(self._features, what) if metric == "cosine" else None
        # Bytes of a value while it is made ready for the product.
        single = self._features.dtype == np.float32 and self._lengths is None
        self.bytes = 4 if single else 12

    def exact(self, rows: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Returns rows as float64, a copy."""
        values: npt.NDArray[np.float64] = np.array(self._features[rows], np.float64)
        if self._lengths is not None:
            values /= self._lengths[rows, None]
        return values

    def shifted(
        self,
        rows: slice,
        origin: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Returns rows minus the origin: every value is right but for one rounding to float32."""
        values = self._features[rows] if self.bytes == 4 else self.exact(rows)
        if out is None:
            out = np.empty(values.shape, np.float32)
        return np.subtract(values, origin, out=out[: len(values)], casting="same_kind")

    def origin(self) -> npt.NDArray[np.float32]:
        """Returns about the mean row, from some of them."""
        step = -(-self.count[0] // _SAMPLE)
        mean = self.exact(slice(None, None, step)).mean(axis=0)
        return np.asarray(mean, np.float32)


def lengths(features: npt.NDArray[Any], what: str) -> npt.NDArray[np.float64]:
    """Returns the Euclidean length of every row, [N] float64; raises TableError where it is 0."""
    # Divided by the largest value first, so that squares neither overflow nor vanish.
    largest = np.abs(features).max(axis=1).astype(np.float64)
    zero = np.flatnonzero(largest == 0)
    if zero.size:
        raise errors.TableError(
            f"{what}: {zero.size:,} rows are zero ({checks.shown(zero)}) and have no angle to "
            "others. Leave them out or use the euclidean metric."
        )
    result = np.empty(len(features))
    step = max(1, 2**22 // features.shape[1])
    for start in range(0, len(features), step):
        part = slice(start, start + step)
        scaled = features[part] / largest[part, None]
        result[part] = largest[part] * np.sqrt((scaled * scaled).sum(axis=1))
    return result


class _Search:
    """The search for one pair of feature sets, block by block."""

    def __init__(
        self,
        rows: _Rows,
        queries: _Rows,
        excluded: Excluded,
        k: int,
        memory: int,
        pool: futures.Executor,
    ) -> None:
        self._rows, self._queries, self._excluded, self._k = rows, queries, excluded, k
        self._pool = pool
        count, width = rows.count
        # Half for prepared rows, half for bounds.
        self._step = max(1, min(count, memory // 2 // (rows.bytes * width)))
        self.height = max(1, min(queries.count[0], _QUERIES, memory // 2 // (4 * count)))
        # Made once: memory that is new each time costs as much as filling it.
        self._buffer = np.empty((self._step, width), np.float32)
        self._bounds = np.empty((self.height, count), np.float32)
        # Distances do not change with the origin; the nearer it is, the tighter are the bounds.
        self._origin = rows.origin()
        squares, top = self._survey(rows)
        query_squares, query_top = self._survey(queries)
        # A power of two, so that it adds no error; afterwards no product overflows, and what
        # vanishes is less than the floor.
        largest = max(top, query_top, _SMALLEST)
        self._scale = 2.0 ** -np.ceil(np.log2(largest))
        self._squares, self._query_squares = (s * self._scale**2 for s in (squares, query_squares))
        self._error = 1.05 * (width + 32) * _ROUNDING
        self._floor = width * 2.0**-118
        self._lowered = (self._squares * (1 - self._error)).astype(np.float32)
        self._prepared = functools.lru_cache(maxsize=1)(self._prepare)

    def _survey(self, rows: _Rows) -> tuple[npt.NDArray[np.float64], float]:
        """Returns the squared length of every shifted row, and the largest value."""
        squares, top = np.empty(rows.count[0]), 0.0
        step = max(1, _VALUES // 8 // rows.count[1])
        for start in range(0, rows.count[0], step):
            part = slice(start, start + step)
            values = rows.shifted(part, self._origin)
            squares[part] = np.einsum("ij,ij->i", values, values, dtype=np.float64)
            top = max(top, float(values.max()), -float(values.min()))
        return squares, top

    def _prepare(self, start: int) -> npt.NDArray[np.float32]:
        part = slice(start, start + self._step)
        values = self._rows.shifted(part, self._origin, self._buffer)
        values *= np.float32(self._scale)
        return values

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
        squares = self._squares[first] + self._query_squares[part, None]
        upper = lowest + 2 * self._error * squares + self._floor
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
