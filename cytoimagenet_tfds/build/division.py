"""The plan divided into chunks, and written where workers read their own part of it."""

from __future__ import annotations

import bisect
import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.build import work as work_module

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from cytoimagenet_tfds.build.work import WorkFolder

# All that rendering a row depends on; other columns may change without a new rendering.
RENDER_COLUMNS = ("key", "dir_name", "files", "missing", "segmented", "crops")

CHUNKS_PER_PART = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Division:
    """A plan divided into chunks.

    Attributes:
      names: name of each chunk: a hash of its rows and of everything that decides its pixels.
      starts: [N + 1] first row of each chunk in `order`, and the number of rows.
      order: rows of the plan, sorted by source path.
      columns: the columns of the plan that rendering depends on, not sorted.
    """

    names: tuple[str, ...]
    starts: tuple[int, ...]
    order: npt.NDArray[Any]
    columns: pa.Table | plan_table.Stored

    @property
    def digest(self) -> str:
        """Hash of all chunk names."""
        return hashing.hex_digest(*self.names)

    def members(self) -> Iterator[tuple[int, list[int], list[str]]]:
        """Yields number, rows of the plan and keys of each chunk, in order."""
        keys = self.columns.select(["key"])
        for first, ends, table in _parts(self.starts, self.order, keys):
            names = table["key"].to_pylist()
            rows = self.order[self.starts[first] : self.starts[first] + len(names)].tolist()
            for number, (start, end) in enumerate(itertools.pairwise(ends), first):
                yield number, rows[start:end], names[start:end]


def divide(
    plan: plan_table.Plan, rows_per_chunk: int, pixels: str, further: Sequence[str] = ()
) -> Division:
    """Divides a plan into chunks of about `rows_per_chunk` rows, sorted by source path.

    A chunk ends where the hash of a row's key says so, so that one more file changes the chunk
    it falls into and no other.

    Args:
      plan: has at least the columns `RENDER_COLUMNS`.
      rows_per_chunk: rows of a chunk on average; none is longer than twice that.
      pixels: text of everything else that decides the pixels: settings, renderer version.
      further: columns beside `RENDER_COLUMNS` that rendering depends on.
    """
    columns = plan_table.of(plan, [*RENDER_COLUMNS, *further])
    order = plan_table.order(columns, ("dir_name", "files", "key"))
    starts = _starts(columns, order, rows_per_chunk)
    names = tuple(
        hashing.hex_digest(pixels, *lines, length=24) for lines in _lines(columns, order, starts)
    )
    return Division(names, tuple(starts), order, columns)


def _starts(columns: pa.Table | plan_table.Stored, order: npt.NDArray[Any], mean: int) -> list[int]:
    """Returns where chunks start, and the number of rows."""
    count = len(order)
    starts = [0] if count else []
    for row in [*_ends(columns.select(["key", "dir_name"]), order, mean), count]:
        while starts and row - starts[-1] > 2 * mean:
            starts.append(starts[-1] + 2 * mean)
        starts.append(row)
    return starts


def _ends(
    columns: pa.Table | plan_table.Stored, order: npt.NDArray[Any], mean: int
) -> Iterator[int]:
    """Yields the rows before which a chunk ends, all but the number of rows."""
    last: str | None = None
    ends = False
    for start, end in plan_table.slices(len(order)):
        keys, sources = plan_table.take(columns, order[start:end]).columns
        chances = hashing.hash_keys(0, "chunk", keys.to_pylist()) % np.uint64(mean) == 0
        for row, (source, chance) in enumerate(
            zip(sources.to_pylist(), chances.tolist(), strict=True), start
        ):
            if row and (ends or source != last):
                yield row
            last, ends = source, chance


def _parts(
    starts: Sequence[int], order: npt.NDArray[Any], columns: pa.Table | plan_table.Stored
) -> Iterator[tuple[int, list[int], pa.Table]]:
    """Yields consecutive chunks, some thousand rows: first number, where each starts, and rows."""
    first, last = 0, len(starts) - 1
    while first < last:
        after = max(first + 1, bisect.bisect_right(starts, starts[first] + plan_table.SLICE) - 1)
        bounds = starts[first : after + 1]
        rows = plan_table.take(columns, order[bounds[0] : bounds[-1]])
        yield first, [start - bounds[0] for start in bounds], rows
        first = after


def _lines(
    columns: pa.Table | plan_table.Stored, order: npt.NDArray[Any], starts: Sequence[int]
) -> Iterator[list[tuple[Any, ...]]]:
    """Yields the values of the rows of each chunk."""
    for _, bounds, table in _parts(starts, order, columns):
        lines = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        yield from (lines[start:end] for start, end in itertools.pairwise(bounds))


def write(division: Division, work: WorkFolder) -> None:
    """Writes the rows, one row group per chunk, many chunks in one file."""
    folder = work.plan(division.digest)
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(division.names), CHUNKS_PER_PART):
        groups = _groups(division, first, first + CHUNKS_PER_PART)
        one = next(groups)
        path = _part(work, division.digest, first)
        work_module.write_groups(itertools.chain([one], groups), one.schema, path)


def _groups(division: Division, start: int, end: int) -> Iterator[pa.Table]:
    """Yields the rows of some chunks, each with the name of its chunk."""
    import pyarrow as pa

    starts = division.starts[start : end + 1]
    for first, bounds, table in _parts(starts, division.order, division.columns):
        for number, (begin, stop) in enumerate(itertools.pairwise(bounds), start + first):
            name = pa.repeat(pa.scalar(division.names[number], pa.string()), stop - begin)
            yield table.slice(begin, stop - begin).append_column("chunk", name)


def read(work: WorkFolder, digest: str, number: int) -> tuple[str, pd.DataFrame]:
    """Returns name and rows of chunk `number` of the plan whose hash is `digest`."""
    import pyarrow.parquet as pq

    with _part(work, digest, number).open("rb") as file:  # which holds many chunks
        group = pq.ParquetFile(file).read_row_group(number % CHUNKS_PER_PART)
    # As objects: a worker goes through the rows, and Arrow's texts come out one by one.
    rows = group.to_pandas().astype("object")
    return rows.pop("chunk").iloc[0], rows


def _part(work: WorkFolder, digest: str, number: int) -> Any:
    return work.plan(digest) / f"part-{number // CHUNKS_PER_PART:05d}.parquet"
