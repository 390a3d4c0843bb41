"""A file that is still arriving: its bytes so far, and a record of which ones they are."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

from cytoimagenet_tfds.fetch.http import Remote

_ROOM = 1 << 17  # bytes that hold a record of some thousand segments


class PartFile:
    """`<name>.part` with the bytes and `<name>.part.json` with what is known of them.

    The record is written after the bytes have reached the disk, so that it never claims more
    than there is, whenever the process is killed.

    Attributes:
      segments: [start, position, end] of each range request; bytes from start to position
        are there.
    """

    def __init__(self, target: Path, remote: Remote, segment: int) -> None:
        self.data_path = target.with_name(target.name + ".part")
        self._record_path = target.with_name(target.name + ".part.json")
        self._lock = threading.Lock()
        self._identity = {"size": remote.size, "validator": remote.validator}
        self.segments = self._resume(remote) or _divide(remote, segment)
        mode = "r+b" if self.data_path.exists() else "w+b"
        # Unbuffered: what counts as arrived is on the disk, also when that is full.
        self._file = open(self.data_path, mode, buffering=0)  # noqa: SIM115 - closed by close()

    @property
    def present(self) -> int:
        """Bytes that are there."""
        return sum(position - start for start, position, _ in self.segments)

    def write(self, segment: list[int], block: bytes) -> None:
        """Adds a block at the position of a segment."""
        with self._lock:
            self._file.seek(segment[1])
            rest = memoryview(block)
            while rest:
                written = self._file.write(rest)
                segment[1] += written
                rest = rest[written:]

    def restart(self, segment: list[int]) -> None:
        """Forgets the bytes of a segment."""
        segment[1] = segment[0]

    def save(self) -> None:
        """Makes what has arrived safe against a kill or a power cut.

        On a full disk a little of it is given up, so that there is room for the record.
        """
        with self._lock:
            try:
                self._save()
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                begun = (segment for segment in self.segments if segment[0] < segment[1])
                last = max(begun, key=lambda segment: segment[1], default=[0, 0, 0])
                last[1] = max(last[0], last[1] - _ROOM)
                self._file.truncate(last[1])
                self._save()

    def _save(self) -> None:
        os.fsync(self._file.fileno())
        record = {**self._identity, "segments": self.segments}
        temporary = self._record_path.with_name(self._record_path.name + ".new")
        temporary.write_text(json.dumps(record))
        os.replace(temporary, self._record_path)

    def close(self) -> None:
        """Closes the file; what has arrived stays."""
        self._file.close()

    def finish(self, target: Path) -> None:
        """Gives the complete file its name."""
        self.close()
        os.replace(self.data_path, target)
        self._record_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes everything that has arrived."""
        self.close()
        self.data_path.unlink(missing_ok=True)
        self._record_path.unlink(missing_ok=True)

    def _resume(self, remote: Remote) -> list[list[int]] | None:
        """Returns the recorded segments where they belong to this very version of the file.

        Without a validator nothing says that the rest would fit to what is here.
        """
        segments = self._recorded(remote) if remote.ranges and remote.validator else None
        if segments is None:
            self.data_path.unlink(missing_ok=True)
        return segments

    def _recorded(self, remote: Remote) -> list[list[int]] | None:
        try:
            held = self.data_path.stat().st_size
            record: dict[str, Any] = json.loads(self._record_path.read_text())
            segments = [[int(a), int(b), int(c)] for a, b, c in record.pop("segments")]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        whole = all(a <= b <= c for a, b, c in segments) and segments[-1][2] == remote.size
        reached = max((b for a, b, c in segments if b > a), default=0)
        return segments if record == self._identity and whole and reached <= held else None


def _divide(remote: Remote, segment: int) -> list[list[int]]:
    """Returns the segments of a new file; one alone, open-ended, where there are no ranges."""
    if not remote.ranges or not remote.size:
        return [[0, 0, -1]]
    return [
        [start, start, min(start + segment, remote.size)]
        for start in range(0, remote.size, segment)
    ]
