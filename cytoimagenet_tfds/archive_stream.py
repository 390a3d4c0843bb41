"""A file, or a member of an archive, as a stream: a large table is never whole in memory."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from typing import IO, cast

from cytoimagenet_tfds import archives, checksums, errors, files

_BLOCK = 1 << 18


def open_stream(root: str, reference: files.FileRef) -> IO[bytes]:
    """Opens what a reference names, for reading from its beginning to its end.

    Args:
      root: folder of the source.
      reference: what to read; plane and region do not count.

    Raises:
      ImageError: as `files.read_bytes`; also from reading, at the end of a member whose checksum
        is not that of the archive.
    """
    path, span = files.locate(root, reference), reference.span
    if "://" in path:
        return io.BytesIO(files.read_bytes(root, reference))
    with files.failures_of(reference):
        if span is None:
            return open(path, "rb")
        # One read tells whether the archive still holds the member there.
        start = archives.content_start(path, span, reference.path)
        blocks = _checked(_content(path, start, span), span, reference.path)
    return cast(IO[bytes], io.BufferedReader(_Blocks(blocks), _BLOCK))


def _content(path: str, start: int, span: archives.Span) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if span.method else None
    left = span.length
    with open(path, "rb") as file:
        file.seek(start)
        while left and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            if inflater is None:
                yield block
                continue
            while block:  # never more than a block at a time, whatever it unpacks to
                yield inflater.decompress(block, _BLOCK)
                block = inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()


def _checked(blocks: Iterator[bytes], span: archives.Span, name: str) -> Iterator[bytes]:
    """Passes the blocks on; raises where they are not what the archive recorded."""
    size = checksum = 0
    try:
        for block in blocks:
            size += len(block)
            checksum = checksums.crc32(block, checksum)
            if size > span.size:
                break
            yield block
    except zlib.error as error:
        raise errors.ImageError("damaged archive", f"{name}: {error}.") from error
    if size != span.size or (span.kind == "zip" and checksum != span.crc):
        raise archives.damaged(name, size, span)


class _Blocks(io.RawIOBase):
    """The blocks of an iterator as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(target), len(self._rest))
        target[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def spooled(root: str, reference: files.FileRef, folder: str | os.PathLike[str]) -> str:
    """Returns the path of a file on the disk with the content; written to `folder` if need be."""
    path = files.locate(root, reference)
    if reference.span is None and "://" not in path:
        return path
    target = os.path.join(folder, "content")
    with open_stream(root, reference) as source, open(target, "wb") as sink:
        while block := source.read(_BLOCK):
            sink.write(block)
    return target
