"""Disks that are full and folders that cannot be written, as they really are."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_CAP_DAC_OVERRIDE = 1  # linux/capability.h: root writes wherever it likes


def bound_by_permissions() -> Callable[[], None]:
    """Returns a `preexec_fn` for processes that permissions bind, even where they run as root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return lambda: None
    if sys.platform != "linux":
        pytest.skip("root is not bound by permissions, and only Linux can take that from it")
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def drop() -> None:
        if prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the capability cannot be dropped")

    return drop


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Makes a folder that nothing can be written to."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o555)
    try:
        yield folder
    finally:
        folder.chmod(0o755)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mounts a disk of `size` bytes at a folder; skips where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk: mounting a tmpfs is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, free: int = 0) -> Path:
    """Fills the disk of a folder but for `free` bytes; returns the file that does it."""
    path = folder / "filler"
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(4096)) == 4096:
                pass
        file.truncate(max(0, file.tell() - free))
    return path


def run(code: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Runs Python code with words in a process that permissions bind."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True,
        timeout=240, preexec_fn=bound_by_permissions(),
    )  # fmt: skip
