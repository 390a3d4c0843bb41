"""The content of a table that may be packed, with a bound on what it unpacks to."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import IO, cast

MOST_BYTES = 1 << 31
"""Bytes a packed table may unpack to; as published the largest has some hundred million."""

MOST_COLUMNS = 20_000
_HEADER = 1 << 20  # bytes in which the first line has to end
_SEPARATORS = b",\t;"


class _Bounded(io.RawIOBase):
    """Reads a stream, and raises ValueError once more has come than may be."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source = source
        self._left = self._most = most

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Reads into a buffer; returns how many bytes."""
        data = self._source.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"it unpacks to more than {self._most:,} bytes")
        buffer[: len(data)] = data
        return len(data)


@contextlib.contextmanager
def opened(data: bytes, path: str) -> Iterator[IO[bytes]]:
    """Opens the content of a table file, unpacked where its name ends in `.gz` or `.zip`.

    Args:
      data: content of the file.
      path: its name.

    Raises:
      ValueError: it unpacks to too much, has too many columns, or is no archive of one file.
    """
    with contextlib.ExitStack() as stack:
        source: IO[bytes] = io.BytesIO(data)
        if path.lower().endswith(".gz"):
            source = stack.enter_context(cast(IO[bytes], gzip.open(source)))  # noqa: SIM115  the stack closes it
        elif path.lower().endswith(".zip"):
            archive = stack.enter_context(zipfile.ZipFile(source))
            source = stack.enter_context(archive.open(_only(archive)))
        content = io.BufferedReader(_Bounded(source, MOST_BYTES), _HEADER)
        _check_columns(content.peek(_HEADER)[:_HEADER])
        yield content


def _only(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if len(names) != 1:
        raise ValueError(f"the archive holds {len(names):,} files, expected one")
    return names[0]


def _check_columns(start: bytes) -> None:
    """Raises ValueError where a table is so wide that reading it takes all memory."""
    line, end, _ = start.partition(b"\n")
    count = max(line.count(bytes([separator])) for separator in _SEPARATORS)
    if count >= MOST_COLUMNS or (not end and len(start) == _HEADER):
        raise ValueError(
            f"its first line has {count + 1:,} columns or more; {MOST_COLUMNS:,} may be"
        )
