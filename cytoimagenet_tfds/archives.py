"""Zip and tar archives read where they lie, one member by one range of bytes.

The directory of an archive is read once, where the row table is made. Each member's place goes into
the table, so that a worker reads a range and never the directory of a million members.
Format: PKWARE APPNOTE 6.3.10 section 4.3 for zip; POSIX ustar and pax for tar.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import os
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Literal

from cytoimagenet_tfds import checksums, errors, paths, zip_directory

SUFFIXES = (".zip", ".tar")
# Their members cannot be found without unpacking everything before them.
STREAMED_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar")

MEMBER_SIZE = r"#(?:zip=\d+,\d+|tar=\d+),(?P<size>\d+)"
"""Where a reference to a member says how long its content is, see `Span`; for Arrow and Python."""

_LOCAL_HEADER = 30
_GUESSED_EXTRA = 256  # bytes of name and extra field that one read brings with the header

Kind = Literal["zip", "tar"]
ReadRange = Callable[[str, int, int], bytes]  # path of an archive, first byte, number of bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Where a member lies in its archive.

    Attributes:
      kind: `zip` or `tar`.
      offset: first byte of its local header (zip) or of its content (tar).
      length: bytes it takes in the archive, headers not counted.
      size: bytes of its content.
      method: 0 as it is, 8 deflated.
      crc: CRC-32 of its content (zip), 0 for tar.
    """

    kind: Kind
    offset: int
    length: int
    size: int
    method: int = 0
    crc: int = 0

    def __str__(self) -> str:
        if self.kind == "tar":
            return f"tar={self.offset},{self.size}"
        return f"zip={self.offset},{self.length},{self.size},{self.method},{self.crc}"


def parse_span(kind: str, text: str) -> Span:
    """Reads what `str(span)` wrote after its kind; raises ValueError where it is no span."""
    numbers = [int(part) for part in text.split(",")]
    if kind == "tar" and len(numbers) == 2:
        return Span("tar", numbers[0], numbers[1], numbers[1])
    if kind == "zip" and len(numbers) == 5:
        return Span("zip", *numbers)
    raise ValueError(f"{kind}={text} is no place in an archive.")


def index(path: str | os.PathLike[str]) -> dict[str, Span]:
    """Returns the files of an archive: name -> place, in the order of the archive.

    Args:
      path: a `.zip` or an uncompressed `.tar`, on the disk or at any fsspec address.

    Raises:
      SourceLayoutError: as `walk`.
    """
    return dict(walk(path))


def walk(path: str | os.PathLike[str]) -> Iterator[tuple[str, Span]]:
    """Yields name and place of each file of an archive, in its order; keeps 8 bytes of each.

    Args:
      path: a `.zip` or an uncompressed `.tar`, on the disk or at any fsspec address.

    Raises:
      SourceLayoutError: the archive is damaged, or, after the last file, it holds members that
        would lie outside its folder, links, encrypted members, or a name twice; all of them at
        once.
    """
    text = os.fspath(path)
    problems = errors.Problems()
    hashes = array.array("q")
    for name, span in _members(text, problems):
        if _escapes(name):
            problems.add(f"{name!r} would lie outside its folder.")
        hashes.append(hash(name))
        yield name, span
    for name in _repeated(text, hashes):
        problems.add(f"{name!r} stands there twice.")
    problems.raise_if_any(errors.SourceLayoutError, f"{text} is refused:")


def _members(text: str, problems: errors.Problems) -> Iterator[tuple[str, Span]]:
    members = _zip_members if text.lower().endswith(".zip") else _tar_members
    with _open(text) as file:
        try:
            yield from members(file, problems)
        except (struct.error, tarfile.TarError, EOFError, ValueError, IndexError) as error:
            raise errors.SourceLayoutError(f"{text} is no whole archive: {error}.") from error


def _repeated(text: str, hashes: array.array[int]) -> list[str]:
    """Returns the names that stand in an archive before; only then it is read once more."""
    import numpy as np

    values = np.sort(np.frombuffer(hashes, np.int64))
    again = set(values[1:][values[1:] == values[:-1]].tolist())
    if not again:
        return []
    counts = collections.Counter(
        name for name, _ in _members(text, errors.Problems()) if hash(name) in again
    )
    return [name for name, count in counts.items() for _ in range(count - 1)]


def read_range(path: str, offset: int, length: int) -> bytes:
    """Returns bytes of a file, fewer at its end; `path` may be any fsspec address."""
    if "://" not in path:
        return _local_range(path, offset, length)
    import fsspec

    with paths.failures_of(path):
        file_system, inner = fsspec.core.url_to_fs(path)
        data: bytes = file_system.cat_file(inner, start=offset, end=offset + length)
    return data


def read(
    path: str | os.PathLike[str], span: Span, name: str = "", ranges: ReadRange = read_range
) -> bytes:
    """Returns the content of one member, read as one range.

    Args:
      path: the archive, on the disk or at any fsspec address.
      span: where the member lies.
      name: what errors call it; the path by default.
      ranges: reads the archive.

    Raises:
      ImageError: the range holds something else: the archive changed or is damaged.
      OSError: it cannot be read at all.
    """
    text, label = os.fspath(path), name or os.fspath(path)
    if span.kind == "tar":
        data = ranges(text, span.offset, span.length)
    else:
        data = _zip_content(text, span, label, ranges)
    if len(data) != span.size or (span.kind == "zip" and checksums.crc32(data) != span.crc):
        raise damaged(label, len(data), span)
    return data


def damaged(label: str, size: int, span: Span) -> errors.ImageError:
    """Returns the error of a member with other content than its archive recorded."""
    return errors.ImageError(
        "damaged archive",
        f"{label}: {size:,} bytes of content, expected {span.size:,} with the CRC-32 recorded. Was "
        "the archive changed after its table was made?",
    )


def content_start(path: str, span: Span, label: str) -> int:
    """Returns the byte at which the content of a member begins, still packed."""
    if span.kind == "tar":
        return span.offset
    return span.offset + _header_length(read_range(path, span.offset, _LOCAL_HEADER), span, label)


def _header_length(data: bytes, span: Span, label: str) -> int:
    if data[:4] != b"PK\x03\x04" or len(data) < _LOCAL_HEADER:
        raise errors.ImageError("damaged archive", f"{label}: no member begins at {span.offset}.")
    return _LOCAL_HEADER + int(sum(struct.unpack_from("<2H", data, 26)))


def _zip_content(path: str, span: Span, label: str, ranges: ReadRange) -> bytes:
    data = ranges(path, span.offset, _LOCAL_HEADER + _GUESSED_EXTRA + span.length)
    start = _header_length(data, span, label)
    content = data[start : start + span.length]
    if len(content) < span.length:
        content = ranges(path, span.offset + start, span.length)
    if span.method == 0:
        return content
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One byte more than announced is enough to know of a bomb.
        return inflater.decompress(content, span.size + 1)
    except zlib.error as error:
        raise errors.ImageError("damaged archive", f"{label}: {error}.") from error


def _local_range(path: str, offset: int, length: int) -> bytes:
    # With as few calls of the system as can be: threads wait for each other around every one.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        os.lseek(handle, offset, os.SEEK_SET)
        data = os.read(handle, length)
        while len(data) < length and (more := os.read(handle, length - len(data))):
            data += more  # a shared disk may give less at a time
    finally:
        os.close(handle)
    return data


def _open(path: str) -> IO[bytes]:
    if "://" not in path:
        return open(path, "rb")
    import fsspec

    paths.require_client(path)
    file: IO[bytes] = fsspec.open(path, "rb").open()
    return file


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in name


def _tar_members(file: IO[bytes], problems: errors.Problems) -> Iterator[tuple[str, Span]]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # else every member stays in memory
            if member.isfile() and not member.issparse():
                yield member.name, Span("tar", member.offset_data, member.size, member.size)
            elif not member.isdir():
                problems.add(f"{member.name!r} is a link, a device or a sparse file.")


def _zip_members(file: IO[bytes], problems: errors.Problems) -> Iterator[tuple[str, Span]]:
    for entry in zip_directory.entries(file):
        if entry.problem:
            problems.add(f"{entry.name!r} {entry.problem}.")
        yield entry.name, Span("zip", *entry.place)
