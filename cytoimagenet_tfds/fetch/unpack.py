"""`.tar.gz` to `.tar`: compressed as a whole, its members cannot be read where they lie.

Only the compression is undone; no member becomes a file. The `.tar` is then read by ranges, as any.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cytoimagenet_tfds import archives, errors
from cytoimagenet_tfds.fetch.transfer import Fetched

SUFFIXES = (".tar.gz", ".tgz")
_GZIP = 16 + zlib.MAX_WBITS
_BLOCK = 1 << 20
_LARGEST_RATIO = 100  # microscopy images shrink 1 to 10 times, a bomb 1,000 times


def stored_name(name: str) -> str:
    """Returns the name under which a download comes to lie: `a.tar` for `a.tar.gz`."""
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), "")
    return f"{name[: -len(suffix)]}.tar" if suffix else name


def is_packed(name: str) -> bool:
    """True for an archive that is compressed as a whole and can be unpacked here."""
    return stored_name(name) != name


def blocks(packed: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yields the uncompressed content of a gzip file, a bounded part at a time.

    Raises:
      FetchError: it is damaged, breaks off, or grows as no images do.
    """
    inflater = zlib.decompressobj(_GZIP)
    read = written = 0
    for block in packed:
        read += len(block)
        rest = block
        while rest:
            if inflater.eof:  # several gzip files end to end are one; zeros may fill the last
                rest = rest.lstrip(b"\0")
                inflater = zlib.decompressobj(_GZIP) if rest else inflater
                continue
            try:
                content = inflater.decompress(rest, _BLOCK)
            except zlib.error as error:
                raise errors.FetchError(f"{name} is damaged: {error}.") from error
            rest = inflater.unconsumed_tail or inflater.unused_data
            written += len(content)
            if written > _LARGEST_RATIO * max(read, _BLOCK):
                raise errors.FetchError(
                    f"{name} is refused: {read:,} bytes of it grow to more than {written:,}. If "
                    "that is right, unpack it by hand where it lies."
                )
            if content:
                yield content
    if not inflater.eof:
        raise errors.FetchError(f"{name} breaks off after {read:,} bytes: it is no whole archive.")


def to_tar(packed: Path, target: Path) -> Fetched:
    """Writes the `.tar` of a `.tar.gz`; it is either whole and checked or not there.

    Args:
      packed: the `.tar.gz`; it stays.
      target: the `.tar`.

    Returns:
      Size and checksum of both; no address.

    Raises:
      FetchError: the archive is damaged or a bomb.
      SourceLayoutError: it is no tar, or holds members that are refused; see `archives.index`.
      OSError: the disk is full or read-only.
    """
    part = target.with_name(target.name + ".part")
    before, after = hashlib.sha256(), hashlib.sha256()
    try:
        with open(packed, "rb") as source, open(part, "wb") as sink:
            for block in blocks(_hashed(source, before), os.fspath(packed)):
                sink.write(block)
                after.update(block)
            sink.flush()
            os.fsync(sink.fileno())
        archives.index(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return Fetched(
        target.stat().st_size, after.hexdigest(), "", packed.stat().st_size, before.hexdigest()
    )


def _hashed(file: IO[bytes], state: hashlib._Hash) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        state.update(block)
        yield block
