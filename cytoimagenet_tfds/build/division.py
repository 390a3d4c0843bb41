"""The plan divided into chunks, and written where workers read their own part of it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.build import work as work_module

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from cytoimagenet_tfds.build.work import WorkFolder

# All that rendering a row depends on; other columns may change without a new rendering.
RENDER_COLUMNS = ("key", "dir_name", "files", "missing", "segmented", "crops")

CHUNKS_PER_PART = 64


@dataclasses.dataclass(frozen=True)
class Division:
    """A plan divided into chunks.

    Attributes:
      names: name of each chunk: a hash of its rows and of everything that decides its pixels.
      starts: [N + 1] first row of each chunk in `rows`, and the number of rows.
      rows: the columns `RENDER_COLUMNS` and further ones, sorted by source path.
    """

    names: tuple[str, ...]
    starts: tuple[int, ...]
    rows: pd.DataFrame

    @property
    def digest(self) -> str:
        """Hash of all chunk names."""
        return hashing.hex_digest(*self.names)


def divide(
    plan: pd.DataFrame, rows_per_chunk: int, pixels: str, further: Sequence[str] = ()
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
    columns = [*RENDER_COLUMNS, *further]
    rows = plan[columns].sort_values(["dir_name", "files", "key"], ignore_index=True)
    starts = _starts(rows["key"].tolist(), rows["dir_name"].tolist(), rows_per_chunk)
    lines = list(zip(*(rows[name].tolist() for name in columns), strict=True))
    names = [
        hashing.hex_digest(pixels, *lines[start:end], length=24)
        for start, end in itertools.pairwise(starts)
    ]
    return Division(tuple(names), tuple(starts), rows)


def _starts(keys: Sequence[str], sources: Sequence[str], mean: int) -> list[int]:
    """Returns where chunks start, and the number of rows."""
    ends = hashing.hash_keys(0, "chunk", keys) % np.uint64(mean) == 0
    starts, count = [0] if keys else [], len(keys)
    for row in range(1, count):
        length = row - starts[-1]
        if ends[row - 1] or length >= 2 * mean or sources[row] != sources[row - 1]:
            starts.append(row)
    return [*starts, count]


def write(division: Division, work: WorkFolder) -> None:
    """Writes the rows, one row group per chunk, many chunks in one file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = work.plan(division.digest)
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(division.rows, preserve_index=False)
    for part in range(0, len(division.names), CHUNKS_PER_PART):
        buffer = pa.BufferOutputStream()
        with pq.ParquetWriter(buffer, _named(table.schema), compression="zstd") as writer:
            for rows in _groups(division, table, part):
                writer.write_table(rows)
        target = _part(work, division.digest, part)
        written = work_module.temporary(target)
        written.write_bytes(buffer.getvalue().to_pybytes())
        work_module.publish(written, target)


def read(work: WorkFolder, digest: str, number: int) -> tuple[str, pd.DataFrame]:
    """Returns name and rows of chunk `number` of the plan whose hash is `digest`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = _part(work, digest, number).read_bytes()
    group = pq.ParquetFile(pa.BufferReader(data)).read_row_group(number % CHUNKS_PER_PART)
    rows = group.to_pandas()
    return rows.pop("chunk").iloc[0], rows


def _part(work: WorkFolder, digest: str, number: int) -> Any:
    return work.plan(digest) / f"part-{number // CHUNKS_PER_PART:05d}.parquet"


def _named(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return schema.append(pa.field("chunk", pa.string()))


def _groups(division: Division, table: pa.Table, first: int) -> Iterator[pa.Table]:
    import pyarrow as pa

    for number in range(first, min(first + CHUNKS_PER_PART, len(division.names))):
        start, end = division.starts[number], division.starts[number + 1]
        names = pa.array([division.names[number]] * (end - start), pa.string())
        yield table.slice(start, end - start).append_column("chunk", names)
