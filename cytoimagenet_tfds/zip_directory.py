"""The directory at the end of a zip, entry by entry.

Format: PKWARE APPNOTE 6.3.10 sections 4.3 and 4.5.3 (64-bit sizes).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY = struct.Struct("<4s6H3L5H2L")
_DEFLATE_LIMIT = 1100  # deflate cannot shrink more than 1032 times
_ENCRYPTED, _UTF8 = 0x1, 0x800
_LINK = 0o120000


class Entry(NamedTuple):
    """One file.

    Attributes:
      name: its path in the archive.
      place: first byte of its local header, bytes it takes, bytes of its content, method, CRC-32.
      problem: why it cannot be read or must not be, '' for none.
    """

    name: str
    place: tuple[int, int, int, int, int]
    problem: str


def entries(file: IO[bytes]) -> Iterator[Entry]:
    """Yields the files of a zip in the order of its directory, folders left out.

    Raises:
      ValueError: the directory is damaged or not there, as do struct.error and IndexError.
    """
    start, _, count = _directory(file)
    file.seek(start)
    for _ in range(count):
        fields = _ENTRY.unpack(file.read(_ENTRY.size))
        if fields[0] != b"PK\x01\x02":
            raise ValueError(f"its directory breaks off at byte {file.tell() - _ENTRY.size}")
        flags, method, crc = fields[3], fields[4], fields[7]
        name_length, extra_length, comment_length = fields[10:13]
        rest = file.read(name_length + extra_length + comment_length)
        name = _name(rest[:name_length], flags)
        extra = rest[name_length : name_length + extra_length]
        size, length, offset = _large(extra, fields[9], fields[8], fields[16])
        if not name.endswith("/"):
            problem = _problem(flags, method, size, length, fields[15] >> 16)
            yield Entry(name, (offset, length, size, method, crc), problem)


def _name(raw: bytes, flags: int) -> str:
    """Returns the name of a member; many writers use UTF-8 without saying so."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if flags & _UTF8:
            raise
        return raw.decode("cp437")


def _problem(flags: int, method: int, size: int, length: int, mode: int) -> str:
    if flags & _ENCRYPTED:
        return "is encrypted"
    if method not in (0, 8):
        return f"is compressed by method {method}; only stored and deflated members can be read"
    if mode & 0o170000 == _LINK:
        return "is a link"
    if size > max(length, 64) * _DEFLATE_LIMIT or (method == 0 and size != length):
        return f"claims {size:,} bytes from {length:,}, which cannot be"
    return ""


def _large(extra: bytes, size: int, length: int, offset: int) -> tuple[int, int, int]:
    """Returns size, length and offset, from the extra field where they do not fit 32 bits."""
    values = [size, length, offset]
    position = 0
    while position + 4 <= len(extra):
        tag, count = struct.unpack_from("<2H", extra, position)
        if tag == 1:
            at = position + 4
            for number, value in enumerate(values):
                if value == 0xFFFFFFFF:
                    (values[number],) = struct.unpack_from("<Q", extra, at)
                    at += 8
        position += 4 + count
    return values[0], values[1], values[2]


def _directory(file: IO[bytes]) -> tuple[int, int, int]:
    """Returns start, size and number of entries of the central directory."""
    file.seek(0, os.SEEK_END)
    end = file.tell()
    file.seek(max(0, end - (22 + 0xFFFF + 20)))
    base = file.tell()
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0:
        raise ValueError("its directory is missing, so it was cut off or is no zip")
    count, size, start = struct.unpack_from("<H2L", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR64:
        (record,) = struct.unpack_from("<Q", tail, at - 12)
        file.seek(record)
        header = file.read(56)
        if header[:4] != _END64:
            raise ValueError("its 64-bit directory record is missing")
        count, size, start = struct.unpack_from("<3Q", header, 32)
    if start + size > base + at:
        raise ValueError("its directory lies outside the file")
    return start, size, count
