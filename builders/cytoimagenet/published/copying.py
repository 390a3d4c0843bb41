"""The copy of the published table, metadata.feather, compared with it."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives
from cytoimagenet_tfds.builders.cytoimagenet.published import columns

_SPLIT = "dset"

Read = tuple[pa.Table, Collection[str]]  # the lines, and the columns that were there


def compared(table: pa.Table, names: Collection[str], read: Callable[[], Read]) -> Read:
    """Compares the table with its copy, cell by cell; what either has not is no difference.

    Args:
      table: see `table.read`.
      names: its columns as they stand in the file.
      read: reads the copy in the same way.

    Returns:
      The table, with the split of the copy where only that has one; and what differs.
    """
    try:
        copy, own = read()
    except errors.TableError as error:
        return table, [str(error)]
    if not table["filename"].combine_chunks().equals(copy["filename"].combine_chunks()):
        where = f"{archives.COPY} does not list the files of {archives.TABLE}"
        return table, [f"{where} in the same order."]
    shared = [name for name in table.column_names if name in names and name in own]
    shared += ["folder"] if "path" in names and "path" in own else []
    counts = {name: _differing(table[name], copy[name]) for name in shared}
    if _SPLIT in own and _SPLIT not in names:
        place = table.column_names.index(_SPLIT)
        table = table.set_column(place, _SPLIT, copy[_SPLIT])
    cells = ", ".join(f"{count:,} of {name}" for name, count in counts.items() if count)
    between = f"Cells differ between {archives.TABLE} and {archives.COPY}: {cells}."
    return table, [between] if cells else []


def _differing(first: pa.ChunkedArray, second: pa.ChunkedArray) -> int:
    """Returns in how many rows both have a value, and not the same."""
    pair = plan_table.whole(first), plan_table.whole(second)
    if pa.types.is_dictionary(pair[0].type):
        return sum(count for (a, b), count in columns.pairs(*pair) if a and b and a != b)
    if pa.types.is_string(pair[0].type):
        stated = [pc.not_equal(text, "") for text in pair]
    else:  # bounds that are not stated are -1, a scaling is NaN
        stated = [pc.greater_equal(values, 0) for values in pair]
    other = pc.and_(pc.and_(*stated), pc.not_equal(*pair))
    return int(pc.sum(other).as_py() or 0)
