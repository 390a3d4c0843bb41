"""Chunks: the rendered images of a few hundred rows, in two files.

`<name>.bin` holds PNG files end to end. `<name>.parquet` holds one line per image with its
offset, length and CRC-32, and one line per rejected row with its reason; its schema metadata holds
length and CRC-32 of the whole `.bin`. The Parquet file is written last and is what makes a chunk
count: a chunk without it, with a damaged one, or whose `.bin` does not fit it, is rendered again.
Both appear whole or not at all, so that two workers may write one chunk, and one of them die.
"""

from __future__ import annotations

import os
import types
import typing
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from etils import epath

from cytoimagenet_tfds import checksums, errors
from cytoimagenet_tfds.build import work

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_BLOCK = 1 << 22  # bytes read at once when a file is checked
_WRITTEN = 1 << 18  # bytes written at once or more: threads wait for each other around every call
_OPEN = 8  # files of chunks that stay open


class Line(NamedTuple):
    """One line of a chunk's table: one image, or one rejected row.

    Attributes:
      key: key of the row.
      fingerprint: hash of sizes and modification times of the row's source files.
      crop: number of the crop, -1 for the whole image or a rejected row.
      y_min, y_max, x_min, x_max: bounds in the source image, pixels, upper ones excluded.
      scaling: side of the crop relative to the source image.
      height, width: size of the stored image, pixels.
      reason: why the row was rejected, '' for an image.
      message: what exactly was wrong.
      offset, length, crc32: where the PNG lies in the `.bin`, and its checksum.
    """

    key: str
    fingerprint: str
    crop: int = -1
    y_min: int = 0
    y_max: int = 0
    x_min: int = 0
    x_max: int = 0
    scaling: float = 1.0
    height: int = 0
    width: int = 0
    reason: str = ""
    message: str = ""
    offset: int = 0
    length: int = 0
    crc32: int = 0


def arrow_schema() -> pa.Schema:
    """Returns the Arrow schema of a chunk's table."""
    import pyarrow as pa

    kinds = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
    columns = typing.get_type_hints(Line).items()
    return pa.schema([(name, kinds[kind.__name__]) for name, kind in columns])


class Writer:
    """Writes one chunk; use as a context manager, and call `commit` at the end."""

    def __init__(self, folder: epath.Path, name: str, run: str = "") -> None:
        self._facts = {"chunk": name, "run": run}
        self._target = folder / f"{name}.bin"
        self._index = folder / f"{name}.parquet"
        self._part = work.spool(self._target)
        self._lines: list[Line] = []
        self._waiting: list[bytes] = []
        self._length = self._written = 0
        self._crc32 = 0
        self._file: IO[bytes]

    def __enter__(self) -> Writer:
        self._file = self._part.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        try:
            self._file.close()  # on a full disk it fails to write the rest
        finally:
            self._part.unlink(missing_ok=True)

    def add(self, line: Line, png: bytes = b"") -> None:
        """Adds an image, or a rejected row without bytes."""
        checksum = checksums.crc32(png)
        self._lines.append(line._replace(offset=self._length, length=len(png), crc32=checksum))
        self._length += len(png)
        self._waiting.append(png)
        if self._length - self._written > _WRITTEN:
            self._write()

    def _write(self) -> None:
        block = b"".join(self._waiting)
        self._waiting.clear()
        self._file.write(block)
        self._crc32 = checksums.crc32(block, self._crc32)
        self._written += len(block)

    def note(self, line: Line) -> None:
        """Adds an image whose bytes stay where they are; its length and CRC-32 are the line's."""
        self._lines.append(line)

    def commit(self) -> int:
        """Gives both files their names, the table last; returns the number of images."""
        import pyarrow as pa

        if self._length:  # a chunk that notes images has no bytes of its own
            self._write()
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        # While the bytes are replaced no table may vouch for them.
        self._index.unlink(missing_ok=True)
        work.publish(self._part, self._target)
        table = pa.Table.from_pylist(
            [line._asdict() for line in self._lines], schema=arrow_schema()
        )
        metadata = {**self._facts, "length": str(self._length), "crc32": str(self._crc32)}
        work.write_table(table.replace_schema_metadata(metadata), self._index)
        return sum(line.length > 0 for line in self._lines)


def read_table(folder: epath.Path, name: str, *, check_bytes: bool = False) -> pa.Table | None:
    """Returns the table of a committed chunk, None for one that does not count.

    The `run` that made the chunk stands in the metadata of the table.

    Args:
      folder: folder of the chunks.
      name: name of the chunk.
      check_bytes: True to read the images and compare their checksum as well.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    index, data = folder / f"{name}.parquet", folder / f"{name}.bin"
    try:
        content, length = index.read_bytes(), data.stat().length
    except FileNotFoundError:
        return None
    try:
        table = pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
    except (pa.ArrowException, OSError):  # the bytes are in memory: OSError means damage too
        return None
    metadata = table.schema.metadata or {}
    table = table.replace_schema_metadata({"run": metadata.get(b"run", b"")})
    if not table.schema.equals(arrow_schema()):
        return None
    if metadata.get(b"chunk") != name.encode() or metadata.get(b"length") != b"%d" % length:
        return None
    if check_bytes and metadata.get(b"crc32") != b"%d" % _checksum(data):
        return None
    return table


def read(folder: epath.Path, name: str, *, check_bytes: bool = False) -> pd.DataFrame | None:
    """As `read_table`, as a pandas table."""
    table = read_table(folder, name, check_bytes=check_bytes)
    return None if table is None else table.to_pandas()


def _checksum(path: epath.Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            checksum = checksums.crc32(block, checksum)
    return checksum


class Place(NamedTuple):
    """Where the bytes of an image lie: columns of a shard's table.

    Attributes:
      height, width: size the image should have, pixels; -1 where only its bytes tell.
    """

    key: str
    chunk: str
    offset: int
    length: int
    crc32: int
    dir_name: str
    files: str
    height: int
    width: int


class Read(Protocol):
    """Reads images."""

    def __call__(self, place: Place) -> bytes:
        """Returns the bytes of one image.

        Raises:
          ImageError: it was not read before and cannot be used; BuildError: it was, and has
            changed.
        """

    def took(self, place: Place, image: bytes) -> None:
        """Is told of every image that enters, in order and by one thread."""

    def notes(self) -> dict[str, Any]:
        """Returns what is to be known of these images, as JSON types."""


Open = Callable[[epath.Path], AbstractContextManager[Read]]  # folder of the chunks -> reading


class Images:
    """Reads images of chunks; the files that were read last stay open."""

    def __init__(self, folder: epath.Path) -> None:
        self._folder = folder
        self._path = os.fspath(folder)
        self._remote = work.is_remote(folder)
        self._open: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Images:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def __call__(self, place: Any) -> bytes:
        """Returns the bytes of one image.

        Args:
          place: has the attributes of `Place`.

        Raises:
          BuildError: the bytes are not those that were written.
        """
        png = self._read(place)
        if checksums.crc32(png) != place.crc32:
            raise errors.BuildError(
                f"The image {place.key} in {self._folder / place.chunk}.bin is damaged (its "
                "checksum differs). Start the same build again: the chunk is then rendered anew, "
                "all others are kept."
            )
        return png

    def took(self, place: Any, image: bytes) -> None:
        """Does nothing: all was noted when the image was rendered."""

    def notes(self) -> dict[str, Any]:
        """Returns nothing."""
        return {}

    def _read(self, place: Any) -> bytes:
        if self._remote:  # read by several threads at once
            with (self._folder / f"{place.chunk}.bin").open("rb") as remote:
                remote.seek(place.offset)
                return bytes(remote.read(place.length))
        file = self._open.pop(place.chunk, None)
        if file is None:
            if len(self._open) == _OPEN:
                self._open.pop(next(iter(self._open))).close()
            file = open(f"{self._path}/{place.chunk}.bin", "rb", buffering=0)  # noqa: SIM115
        self._open[place.chunk] = file  # the last one now
        file.seek(place.offset)
        png = file.read(place.length)
        while len(png) < place.length and (more := file.read(place.length - len(png))):
            png += more  # a shared disk may give less at a time
        return png


def read_image(folder: epath.Path, place: Any) -> bytes:
    """Returns the bytes of one image; see `Images`."""
    with Images(folder) as images:
        return images(place)
