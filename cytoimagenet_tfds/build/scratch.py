"""Rows on the disk: stored, sorted and joined there, with a few megabytes of memory for any number.

Both kinds of file lose their name as soon as they are open, so that nothing of them is left however
a build ends. What SQLite sorts it puts for a moment where SQLITE_TMPDIR says, or in /var/tmp.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from cytoimagenet_tfds.build import plan_table, storage, work

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# One transaction that never ends: nobody else reads the file, and nothing of it is to survive.
_SETTINGS = """
PRAGMA page_size = 8192; PRAGMA cache_size = -8000; PRAGMA temp_store = FILE;
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
BEGIN EXCLUSIVE;
"""
_SIGN = 1 << 63

Rows = list[tuple[Any, ...]]


class Store:
    """A database of one build; SQLite's own language says what is to be done with the rows.

    At most `plan_table.SLICE` rows are Python objects at a time, and 8 MB of the file in memory.
    """

    def __init__(self, folder: os.PathLike[str] | str | None = None) -> None:
        """Makes an empty database.

        Args:
          folder: where there is room; the folder for temporary files where it is None or lies in
            an object store.
        """
        with _explained():
            handle, path = tempfile.mkstemp(dir=_on_disk(folder))
            os.close(handle)
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            weakref.finalize(self, self._base.close)
            self.folder = folder
            self._base.executescript(_SETTINGS)
            os.unlink(path)

    def run(self, statement: str, *values: object) -> None:
        """Executes a statement that returns nothing."""
        with _explained():
            self._base.execute(statement, values)

    def add(self, table: str, *columns: Iterable[Any]) -> None:
        """Appends rows given column by column."""
        marks = ", ".join("?" * len(columns))
        with _explained():
            rows = zip(*columns, strict=True)
            self._base.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def value(self, query: str, *values: object) -> Any:
        """Returns the first value of the first row."""
        with _explained():
            return self._base.execute(query, values).fetchone()[0]

    def pieces(self, query: str, *values: object) -> Iterator[Rows]:
        """Yields the rows of a query, `plan_table.SLICE` at a time."""
        with _explained(), contextlib.closing(self._base.execute(query, values)) as cursor:
            while found := cursor.fetchmany(plan_table.SLICE):
                yield found

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yields the rows of a query."""
        for piece in self.pieces(query, *values):
            yield from piece


class Spool:
    """Bytes in a file.

    Attributes:
      length: how many there are.
    """

    def __init__(self, folder: os.PathLike[str] | str | None = None) -> None:
        handle, path = tempfile.mkstemp(dir=_on_disk(folder))
        os.unlink(path)
        self._handle = handle
        self.length = 0
        weakref.finalize(self, os.close, handle)

    def append(self, data: Any) -> None:
        """Adds bytes at the end."""
        left = memoryview(data)
        with storage.explained():
            while left:
                written = os.pwrite(self._handle, left, self.length)
                left = left[written:]
                self.length += written

    def read(self, start: int, end: int) -> bytes:
        """Returns the bytes from `start` to `end`."""
        return os.pread(self._handle, max(end - start, 0), start)


class Spooled:
    """An array of records in a file; a slice of it is read when it is asked for.

    Attributes:
      dtype: of a record.
    """

    def __init__(self, dtype: np.dtype[Any], folder: os.PathLike[str] | str | None = None) -> None:
        self.dtype = dtype
        self._file = Spool(folder)

    def append(self, records: npt.NDArray[Any]) -> None:
        """Adds records at the end."""
        self._file.append(records.astype(self.dtype, copy=False).tobytes())

    def __len__(self) -> int:
        return self._file.length // self.dtype.itemsize

    def __getitem__(self, where: slice) -> npt.NDArray[Any]:
        start, end, _ = where.indices(len(self))
        return self.runs([start], [max(start, end)])

    def runs(self, starts: Sequence[int], ends: Sequence[int]) -> npt.NDArray[Any]:
        """Returns the records of several slices, one after the other."""
        import numpy as np

        size, read = self.dtype.itemsize, self._file.read
        data = (read(a * size, b * size) for a, b in zip(starts, ends, strict=True))
        return np.frombuffer(bytearray().join(data), self.dtype)


Array: TypeAlias = Any  # of NumPy, or `Spooled`: slices are taken of both in the same way


def pieces(array: Array) -> Iterator[npt.NDArray[Any]]:
    """Yields consecutive slices of an array, wherever it is."""
    for start, end in plan_table.slices(len(array)):
        yield array[start:end]


def joined(parts: Iterable[npt.NDArray[Any]], count: int, kind: str) -> npt.NDArray[Any]:
    """Returns arrays one after the other, `count` numbers in all; none of them is kept.

    A column of records would keep all of the record.
    """
    import numpy as np

    found = np.empty(count, kind)
    start = 0
    for part in parts:
        found[start : start + len(part)] = part
        start += len(part)
    return found


def blobs(records: npt.NDArray[Any]) -> list[bytes]:
    """Returns the bytes of each record."""
    data, size = records.tobytes(), records.dtype.itemsize
    return [data[start : start + size] for start in range(0, len(data), size)]


def records(found: Iterable[bytes], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Returns the records of which `blobs` made bytes."""
    import numpy as np

    return np.frombuffer(bytearray().join(found), dtype)


def signed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Returns unsigned 64-bit numbers as signed ones in the same order, which SQLite has alone."""
    import numpy as np

    return (hashes ^ np.uint64(_SIGN)).view(np.int64)


def _on_disk(folder: os.PathLike[str] | str | None) -> str | None:
    return None if folder is None or work.is_remote(folder) else os.fspath(folder)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """As `storage.explained`, also of what SQLite says."""
    with storage.explained():
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise
