"""Folders that a killed build left: found by a note of their owner, removed when it is dead."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from pathlib import Path

from etils import epath

from cytoimagenet_tfds.build import work

_NOTE = ".cytoimagenet_owner"
_log = logging.getLogger(__name__)


def claim(folder: epath.Path) -> None:
    """Notes in a folder that is being made which process makes it."""
    if not work.is_remote(folder):
        (folder / _NOTE).write_text(f"{socket.gethostname()} {os.getpid()}")


def release(folder: epath.Path) -> None:
    """Takes the note away: the folder is about to get its name."""
    if not work.is_remote(folder):
        (folder / _NOTE).unlink(missing_ok=True)


def clean(own: epath.Path) -> None:
    """Removes what dead builds of this machine left beside the folder `own`; names the rest.

    Folders without a note, of another machine or of a live process stay: they may belong to a
    build that still runs.
    """
    if not own.parent.exists():
        return
    for folder in sorted(own.parent.glob("incomplete.*")):
        if folder == own:
            continue
        size = f"{_size(folder) / 1e6:,.1f} MB"
        if _is_dead(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _log.warning("Removed %s (%s), left by a build that was killed.", folder, size)
        else:
            _log.warning(
                "%s (%s) is left from a build that was killed, or belongs to one that still runs; "
                "remove it when none does.", folder, size,
            )  # fmt: skip


def _is_dead(folder: epath.Path) -> bool:
    if work.is_remote(folder):
        return False
    try:
        host, _, process = (folder / _NOTE).read_text().partition(" ")
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    is_here = host == socket.gethostname() and process.isdigit()
    return is_here and not work.is_alive(int(process))


def _size(folder: epath.Path) -> int:
    if work.is_remote(folder):
        return 0
    return sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file())
