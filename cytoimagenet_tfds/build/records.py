"""The serialized examples of one shard, in any of TFDS' record formats that need no TensorFlow."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import storage, work

_HEADER = struct.Struct("<QI")  # length and its checksum, before each record of a TFRecord
_FOOTER = 4  # bytes of the checksum after it
_BATCH = 64  # records of a Parquet file read at once
# Without threads of its own a reader takes a third of the processor time, for records of 30 kB.
_ARRAY_RECORD_OPTIONS = "readahead_buffer_size:0,max_parallelism:0"


class _Reader(Protocol):
    def __call__(self, path: str) -> Iterator[bytes]: ...


def read(path: epath.Path, file_format: str) -> Iterator[bytes]:
    """Yields the records of a shard in order; at most a few are in memory.

    Raises:
      BuildError: the file cannot be read to its end as what it should be, or the format is not
        known here.
    """
    if file_format not in _READERS:
        raise errors.BuildError(errors.unknown_name("readable format", file_format, _READERS))
    with local(path) as there:
        try:
            yield from _READERS[file_format](os.fspath(there))
        except FileNotFoundError as error:
            raise errors.BuildError(f"{path.name} is not there.") from error
        # array_record raises RuntimeError or IndexError, Arrow its own ValueError or OSError.
        except (RuntimeError, IndexError, ValueError, OSError) as error:
            raise errors.BuildError(f"{path.name} is damaged: {error}") from error


def can_read(info: Any) -> bool:
    """Whether the shards of a DatasetInfo are of a format that is readable here."""
    return getattr(info.file_format, "value", "") in _READERS


@contextmanager
def local(path: epath.Path) -> Iterator[epath.Path]:
    """Gives a path on the disk: that of a copy, for a file in an object store."""
    if not storage.scheme(path):
        yield path
        return
    copy = work.spool(path)
    try:
        with path.open("rb") as source, copy.open("wb") as sink:
            shutil.copyfileobj(source, sink)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _tfrecord(path: str) -> Iterator[bytes]:
    left = os.stat(path).st_size
    with open(path, "rb") as file:
        while left:
            header = file.read(_HEADER.size)
            length = _HEADER.unpack(header)[0] if len(header) == _HEADER.size else left
            left -= _HEADER.size + length + _FOOTER
            if left < 0:
                raise ValueError("a record ends behind the end of the file")
            yield file.read(length)
            file.seek(_FOOTER, os.SEEK_CUR)


def _array_record(path: str) -> Iterator[bytes]:
    from array_record.python import array_record_module

    reader: Any = array_record_module.ArrayRecordReader(path, _ARRAY_RECORD_OPTIONS)
    for _ in range(reader.num_records()):
        yield reader.read()
    reader.close()


def _parquet(path: str) -> Iterator[bytes]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH):
            yield from batch.column(0).to_pylist()


_READERS: Mapping[str, _Reader] = {
    "tfrecord": _tfrecord, "array_record": _array_record, "parquet": _parquet,
}  # fmt: skip
