"""A plan in files, of which the rows that are asked for become Arrow columns."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds.build import plan_table, scratch

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

# Numbers and texts of some rows, and the columns wanted of them -> plain columns.
Make = Callable[["npt.NDArray[Any]", Mapping[str, "pa.Array"], Sequence[str]], "pa.Table"]

_GAP = 16  # rows nobody asked for that are read along rather than to begin anew


class Rows:
    """Rows of a few numbers and a few texts, in two files.

    Attributes:
      texts: names of the texts.
      folder: where the files are, see `scratch.Store`.
    """

    def __init__(
        self,
        dtype: np.dtype[Any],
        texts: Sequence[str],
        folder: os.PathLike[str] | str | None = None,
    ) -> None:
        self.texts, self.folder = tuple(texts), folder
        own = [("numbers", dtype), ("end", "i8"), ("lengths", "i4", (len(self.texts),))]
        self._rows = scratch.Spooled(np.dtype(own), folder)
        self._texts = scratch.Spool(folder)

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, numbers: npt.NDArray[Any], *texts: Sequence[str]) -> None:
        """Adds rows: their numbers, and their texts column by column."""
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = [pa.array(column, pa.string()) for column in texts]
        rows = np.empty(len(numbers), self._rows.dtype)
        rows["numbers"] = numbers
        rows["lengths"] = np.stack([pc.binary_length(column) for column in columns], axis=1)
        ends = np.cumsum(rows["lengths"].sum(axis=1, dtype=np.int64))
        rows["end"] = self._texts.length + ends
        content = pc.binary_join_element_wise(*columns, "").buffers()[2]
        self._texts.append(memoryview(content)[: int(ends[-1])])
        self._rows.append(rows)

    def numbers(self) -> Iterator[npt.NDArray[Any]]:
        """Yields the numbers of consecutive rows, some thousands at a time."""
        for piece in scratch.pieces(self._rows):
            yield piece["numbers"]

    def take(self, rows: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], dict[str, pa.Array]]:
        """Returns the numbers and the texts of rows, given by their rising numbers."""
        import pyarrow as pa

        firsts, lasts, counts = _runs(rows)
        found = self._rows.runs(firsts.tolist(), (lasts + 1).tolist())
        ends = np.cumsum(lasts - firsts + 1)
        begins = ends - (lasts - firsts + 1)
        where = rows - np.repeat(firsts - begins, counts)
        starts = found["end"][begins] - found["lengths"][begins].sum(axis=1)
        reads = zip(starts.tolist(), found["end"][ends - 1].tolist(), strict=True)
        content = b"".join(self._texts.read(start, end) for start, end in reads)
        offsets = np.zeros(found["lengths"].size + 1, np.int32)
        np.cumsum(found["lengths"], out=offsets[1:])
        every = pa.StringArray.from_buffers(
            len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(content)
        )
        count = len(self.texts)
        texts = {
            name: every.take(pa.array(where * count + place))
            for place, name in enumerate(self.texts)
        }
        return found["numbers"][where], texts


def _runs(
    rows: npt.NDArray[Any],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Returns first and last row of each run that is read at once, and how many are asked for."""
    starts = np.flatnonzero(np.diff(rows, prepend=-_GAP - 1) > _GAP)
    ends = np.append(starts, len(rows))[1:]
    return rows[starts], rows[ends - 1], ends - starts


@dataclasses.dataclass(frozen=True, eq=False)
class StoredPlan(plan_table.Stored):
    """A plan on the disk, its rows in the order of their keys.

    Attributes:
      rows: what its columns are made of.
      make: makes columns of rows.
      column_names: the columns.
      sorting: column of text -> number of each row that sorts in its place.
    """

    rows: Rows
    make: Make
    column_names: tuple[str, ...]
    sorting: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.rows)

    def select(self, names: Sequence[str]) -> StoredPlan:
        """Returns the same rows with some columns."""
        return dataclasses.replace(self, column_names=tuple(names))

    def take(self, rows: npt.NDArray[Any]) -> pa.Table:
        """Returns some rows, all columns as plain ones; a row may be asked for several times."""
        import pyarrow as pa

        wanted, places = np.unique(rows, return_inverse=True)
        numbers, texts = self.rows.take(wanted)
        if not np.array_equal(wanted, rows):
            where = pa.array(places)
            numbers, texts = numbers[places], {name: t.take(where) for name, t in texts.items()}
        return self.make(numbers, texts, self.column_names)

    def order(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Returns the rows sorted by columns, what is equal in the order of keys; [N] int32."""
        found = np.arange(len(self), dtype=np.int32)
        for name in reversed([self.sorting[name] for name in names if name in self.sorting]):
            columns = (piece[name] for piece in self.rows.numbers())
            key = scratch.joined(columns, len(self), "i4")
            found = found[np.argsort(key[found], kind="stable")]
        return found

    def spool(self, dtype: np.dtype[Any]) -> scratch.Spooled:
        """Returns an empty array in the folder of the plan."""
        return scratch.Spooled(dtype, self.rows.folder)
