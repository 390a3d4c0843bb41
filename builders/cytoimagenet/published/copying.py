"""The copy of the published table, metadata.feather, compared with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection

import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives
from cytoimagenet_tfds.builders.cytoimagenet.published import columns, lines

_SPLIT = "dset"
_COMPARED = (*lines.CODED, "filename", "idx", "crop", *lines.NUMBERS)

Read = tuple[lines.Lines, Collection[str]]  # the lines, and the columns that were there


def compared(
    found: lines.Lines, names: Collection[str], read: Callable[[], Read]
) -> tuple[lines.Lines, list[str]]:
    """Compares the table with its copy, cell by cell; what either has not is no difference.

    Args:
      found: the lines of the table.
      names: its columns as they stand in the file.
      read: reads the copy in the same way.

    Returns:
      The lines, with the split of the copy where only that has one; and what differs.
    """
    try:
        copy, own = read()
    except errors.TableError as error:
        return found, [str(error)]
    shared = [name for name in _COMPARED if name in names and name in own]
    shared += ["folder"] if "path" in names and "path" in own else []
    counts = _differing(found, copy, shared)
    if counts is None:
        where = f"{archives.COPY} does not list the files of {archives.TABLE}"
        return found, [f"{where} in the same order."]
    if _SPLIT in own and _SPLIT not in names:
        found = dataclasses.replace(found, dset_of=copy)
    cells = ", ".join(f"{count:,} of {name}" for name, count in counts.items() if count)
    between = f"Cells differ between {archives.TABLE} and {archives.COPY}: {cells}."
    return found, [between] if cells else []


def _differing(
    found: lines.Lines, copy: lines.Lines, shared: Collection[str]
) -> dict[str, int] | None:
    """Returns in how many lines each column differs; None where they are not of the same files."""
    counts = dict.fromkeys(shared, 0)
    if len(found) != len(copy):
        return None
    for one, other in zip(found.pieces(), copy.pieces(), strict=True):
        if not one["filename"].equals(other["filename"]):
            return None
        for name in shared:
            counts[name] += _differing_cells(one[name], other[name])
    return counts


def _differing_cells(first: pa.Array, second: pa.Array) -> int:
    """Returns in how many rows both have a value, and not the same."""
    if pa.types.is_dictionary(first.type):
        return sum(n for (a, b), n in columns.pairs(first, second) if a and b and a != b)
    pair = first, second
    if pa.types.is_string(first.type):
        stated = [pc.not_equal(text, "") for text in pair]
    else:  # bounds that are not stated are -1, a scaling is NaN
        stated = [pc.greater_equal(values, 0) for values in pair]
    other = pc.and_(pc.and_(*stated), pc.not_equal(*pair))
    return int(pc.sum(other).as_py() or 0)
