"""The plan as Arrow columns, of which a few rows at a time become text.

A column of text is plain, or a dictionary, where values repeat. Or the plan is on the disk
(`Stored`), and only the rows that are asked for are in memory.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from cytoimagenet_tfds.build.scratch import Spooled

Plan: TypeAlias = Any  # a DataFrame, an Arrow table, or `Stored`

SLICE = 4096  # rows that are text at a time
_SAMPLE = 4096  # rows that tell whether the values of a column repeat


class Stored(abc.ABC):
    """A plan that is not in memory, its rows in the order of their keys."""

    @abc.abstractmethod
    def __len__(self) -> int:
        """Returns the number of rows."""

    @abc.abstractmethod
    def select(self, names: Sequence[str]) -> Stored:
        """Returns the same rows with some columns."""

    @abc.abstractmethod
    def take(self, rows: npt.NDArray[Any]) -> pa.Table:
        """Returns some rows, all columns as plain ones."""

    @abc.abstractmethod
    def order(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Returns the rows sorted by columns of text."""

    @abc.abstractmethod
    def spool(self, dtype: np.dtype[Any]) -> Spooled:
        """Returns an empty array on the same disk."""


def of(plan: Plan, columns: Sequence[str] | None = None) -> pa.Table | Stored:
    """Returns the columns of a plan, each in one piece; what can be shared is not copied."""
    import pyarrow as pa

    if isinstance(plan, pa.Table | Stored):
        return plan if columns is None else plan.select(list(columns))
    chosen = plan if columns is None else plan[list(columns)]
    table = pa.Table.from_pandas(chosen, preserve_index=False)
    return table.replace_schema_metadata(None).combine_chunks()


def compact(plan: pd.DataFrame) -> pd.DataFrame:
    """Returns the same plan with less memory: text that repeats stands in it once, as categories.

    Of forty columns most have one value for a whole source, or a few for a plate.
    """
    import pandas as pd

    columns = {name: compact_column(plan[name]) for name in plan.columns}
    return pd.DataFrame(columns, copy=False)


def compact_column(column: pd.Series) -> pd.Series:
    """As `compact`, one column."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.StringDtype):
        return column
    sample = column.iloc[:: max(1, len(column) // _SAMPLE)]
    if len(column) and sample.nunique() * 2 > len(sample):
        # In one piece, so that taking a few rows does not join the pieces every time.
        whole = pa.array(column)
        if isinstance(whole, pa.ChunkedArray):
            whole = whole.combine_chunks()
        return pd.Series(pd.array(whole, dtype=column.dtype), index=column.index)
    return column.astype("category")


def text(column: pa.Array) -> pa.Array:
    """Returns a column of any kind as a plain one."""
    import pyarrow as pa

    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Returns a column in one piece; not a copy where it is already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def take(table: pa.Table | Stored, rows: npt.NDArray[Any]) -> pa.Table:
    """Returns some rows, all columns as plain ones."""
    import pyarrow as pa

    if isinstance(table, Stored):
        return table.take(rows)
    taken = table.take(pa.array(rows))
    columns = [text(whole(column)) for column in taken.columns]
    return pa.table(columns, names=taken.column_names)


def texts(table: pa.Table | Stored, name: str, rows: npt.NDArray[Any]) -> list[str]:
    """Returns the text of a column in some rows."""
    found: list[str] = take(table.select([name]), rows)[name].to_pylist()
    return found


def digest(plan: pd.DataFrame | Stored) -> str:
    """Returns the hash of a plan's rows, see `plan_file.digest`."""
    from cytoimagenet_tfds.curation import plan_file

    if not isinstance(plan, Stored):
        return plan_file.digest(plan)
    parts = (take(plan, np.arange(start, end)).to_pandas() for start, end in slices(len(plan)))
    return plan_file.digest_in_order(parts, len(plan))


def slices(count: int) -> Iterator[tuple[int, int]]:
    """Yields start and end of consecutive slices."""
    for start in range(0, count, SLICE):
        yield start, min(start + SLICE, count)


def codes(table: pa.Table, name: str) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Returns the number of each row's value among the values of a column, and these, sorted."""
    return _codes(whole(table[name]))


def _codes(column: pa.Array) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    found, names = _ranks(column)
    return found.to_numpy(), names


def _ranks(column: pa.Array) -> tuple[pa.Array, tuple[str, ...]]:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int32)
    rank[order] = np.arange(len(values), dtype=np.int32)
    return pa.array(rank).take(column.indices), tuple(values[number] for number in order)


def order(table: pa.Table | Stored, names: Sequence[str]) -> npt.NDArray[Any]:
    """Returns the rows sorted by columns of text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(table, Stored):
        return table.order(names)
    columns = [_sortable(whole(table[name])) for name in names]
    keys = [(str(number), "ascending") for number in range(len(columns))]
    found = pc.sort_indices(pa.table(columns, names=[name for name, _ in keys]), sort_keys=keys)
    rows: npt.NDArray[np.int64] = found.to_numpy().astype(np.int64, copy=False)
    return rows


def _sortable(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    return _ranks(column)[0] if pa.types.is_dictionary(column.type) else column
