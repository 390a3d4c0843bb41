"""Which process a folder belongs to, noted in the folder: a killed build cannot take its note away.

Numbers of processes are used again, inside containers soon, so a note names the start as well.
"""

from __future__ import annotations

import os
import socket
from typing import Literal

from etils import epath

NOTE = ".cytoimagenet_owner"
_STATE, _START = 0, 19  # fields behind the name in /proc/N/stat, see proc(5)

Owner = Literal["nobody", "this", "alive", "dead", "elsewhere"]


def claim(folder: epath.Path) -> None:
    """Notes in a folder that this process works in it."""
    process = os.getpid()
    (folder / NOTE).write_text(f"{socket.gethostname()} {process} {_start(process)}")


def release(folder: epath.Path) -> None:
    """Takes the note away."""
    (folder / NOTE).unlink(missing_ok=True)


def of(folder: epath.Path) -> tuple[Owner, str]:
    """Returns what became of the process that noted itself in a folder, and its name for people."""
    try:
        host, process, start = [*(folder / NOTE).read_text().split(" "), ""][:3]
        number = int(process)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # rubbish is no note
        return "nobody", ""
    name = f"process {number} on {host}"
    if host != socket.gethostname():
        return "elsewhere", name
    if not is_alive(number) or (start and start != _start(number)):
        return "dead", name
    return ("this" if number == os.getpid() else "alive"), name


def is_alive(process: int) -> bool:
    """True where a process of this number runs on this machine."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return _stat(process)[_STATE : _STATE + 1] not in (["Z"], ["X"])


def _start(process: int) -> str:
    """Returns when a process started, in a unit of the system; '' where it does not tell."""
    fields = _stat(process)
    return fields[_START] if len(fields) > _START else ""


def _stat(process: int) -> list[str]:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []
