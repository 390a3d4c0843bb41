"""The plan as Arrow columns, of which a few rows at a time become text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

SLICE = 4096  # rows that are text at a time
_SAMPLE = 4096  # rows that tell whether the values of a column repeat


def of(plan: pd.DataFrame, columns: Sequence[str] | None = None) -> pa.Table:
    """Returns the columns of a plan, each in one piece; what can be shared is not copied."""
    import pyarrow as pa

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


def take(table: pa.Table, rows: npt.NDArray[Any]) -> pa.Table:
    """Returns some rows, columns of repeated values as plain ones."""
    import pyarrow as pa

    taken = table.take(pa.array(rows))
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in taken.columns
    ]
    return pa.table(columns, names=taken.column_names)


def slices(count: int) -> Iterator[tuple[int, int]]:
    """Yields start and end of consecutive slices."""
    for start in range(0, count, SLICE):
        yield start, min(start + SLICE, count)


def codes(table: pa.Table, name: str) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Returns the number of each row's value among the values of a column, and these, sorted."""
    import pyarrow as pa

    column = table[name].combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int32)
    rank[order] = np.arange(len(values), dtype=np.int32)
    numbers: npt.NDArray[np.int32] = rank[column.indices.to_numpy(zero_copy_only=False)]
    return numbers, tuple(values[number] for number in order)


def order(table: pa.Table, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Returns the rows sorted by columns of text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [_sortable(table, name) for name in names]
    keys = [(name, "ascending") for name in names]
    found = pc.sort_indices(pa.table(columns, names=list(names)), sort_keys=keys)
    rows: npt.NDArray[np.int64] = found.to_numpy().astype(np.int64)
    return rows


def _sortable(table: pa.Table, name: str) -> pa.Array:
    import pyarrow as pa

    column = table[name].combine_chunks()
    return pa.array(codes(table, name)[0]) if pa.types.is_dictionary(column.type) else column
