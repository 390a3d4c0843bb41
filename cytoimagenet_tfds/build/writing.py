"""Writing the records of a shard, in any of TFDS' formats."""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from etils import epath

from cytoimagenet_tfds import checksums
from cytoimagenet_tfds.build import shards

Examples = Iterable[tuple[str, bytes]]  # key and bytes

# One record a group, as TFDS has it, so that any record can be read by itself. TFDS leaves the
# compression at array_record's default, which spends most of the time of writing on images that
# are compressed already; with snappy the files are as small and written four times as fast.
ARRAY_RECORD_OPTIONS = "group_size:1,snappy"

_LENGTH, _CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")
_WRITTEN = 1 << 18  # bytes written at once or more: threads wait for each other around every call


def write(path: epath.Path, examples: Examples, file_format: str) -> tuple[int, int]:
    """Writes a shard.

    Args:
      path: the file, on a disk.
      examples: taken one by one.
      file_format: TFDS' name of the record format.

    Returns:
      Length and CRC-32 of the file.
    """
    if file_format == "tfrecord":
        return _write_tfrecord(path, examples)
    if file_format == "array_record":
        _write_array_record(path, examples)
    else:
        by_tfds(path, examples, file_format)
    return shards.measure(path)


def by_tfds(path: epath.Path, examples: Examples, file_format: str) -> None:
    """Writes a shard as TFDS does it."""
    from tensorflow_datasets.core import file_adapters, writer

    mend_parquet()
    found = file_adapters.FileFormat.from_value(file_format)
    writer.ExampleWriter(found).write(path, examples)


def mend_parquet() -> None:
    """Lets TFDS write every example of a Parquet file, from now on in this process.

    Its batches are slices of one iterator, each starting as many examples after the last one as
    were taken before: of 259 examples 100 are lost, of 1,000 more than half, without a word
    (TFDS 4.9.10).
    """
    from tensorflow_datasets.core import file_adapters

    file_adapters._batched = _batched


def _batched(examples: Iterable[Any], count: int) -> Iterator[list[Any]]:
    left = iter(examples)
    while batch := list(itertools.islice(left, count)):
        yield batch


def _write_array_record(path: epath.Path, examples: Examples) -> None:
    from array_record.python import array_record_module

    writer: Any = array_record_module.ArrayRecordWriter(os.fspath(path), ARRAY_RECORD_OPTIONS)
    for _, example in examples:
        writer.write(example)
    writer.close()


def _write_tfrecord(path: epath.Path, examples: Examples) -> tuple[int, int]:
    """Writes records as TensorFlow does, whose import takes seconds and 570 MB."""
    written = checksum = size = 0
    waiting: list[bytes] = []

    def flush() -> None:
        nonlocal written, checksum, size
        block = b"".join(waiting)
        waiting.clear()
        size = 0
        file.write(block)
        written += len(block)
        checksum = checksums.crc32(block, checksum)

    with path.open("wb") as file:
        for _, example in examples:
            length = _LENGTH.pack(len(example))
            waiting += (length, _masked(length), example, _masked(example))
            size += len(example)
            if size >= _WRITTEN:
                flush()
        flush()
    return written, checksum


def _masked(data: bytes) -> bytes:
    """Returns the checksum of length or content of a record: CRC-32C, turned and moved.

    As TensorFlow has it in tsl/lib/hash/crc32c.h.
    """
    import google_crc32c

    value = google_crc32c.value(data)
    return _CHECKSUM.pack(((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)
