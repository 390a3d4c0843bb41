"""Writes the oldest kind of .xls (BIFF2, one sheet): a few records, no library needed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

_BOF, _NUMBER, _LABEL, _END = 0x0009, 0x0003, 0x0004, 0x000A


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def workbook(header: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Returns the bytes of a workbook; empty text stays an empty cell."""
    parts = [_record(_BOF, struct.pack("<HH", 2, 0x10))]
    for y, line in enumerate([header, *rows]):
        for x, value in enumerate(line):
            place = struct.pack("<HH3x", y, x)
            if isinstance(value, (int, float)):
                parts.append(_record(_NUMBER, place + struct.pack("<d", value)))
            elif value:
                text = value.encode("latin-1")
                parts.append(_record(_LABEL, place + bytes([len(text)]) + text))
    return b"".join([*parts, _record(_END, b"")])
