"""Many members of few archives, read with as few calls of the system as can be.

Threads wait for each other around every call: by itself a member of a zip takes five of them, here
one. Files that lie in no archive are read as `files.read_bytes` does.
"""

from __future__ import annotations

import os
import threading

from cytoimagenet_tfds import archives, files


class Members:
    """Reads members of archives, which stay open; a context manager, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: dict[tuple[str, str], str] = {}
        self._handles: dict[str, int] = {}

    def __enter__(self) -> Members:
        return self

    def __exit__(self, *_: object) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])

    def read(self, root: str, reference: files.FileRef) -> bytes:
        """Returns what `files.read_bytes` returns; raises ImageError as that does."""
        span = reference.span
        if span is None:
            return files.read_bytes(root, reference)
        files.check_member(reference, span)
        path = self._path(root, reference)
        try:
            return archives.read(path, span, reference.path, self._range)
        except Exception:
            with files.failures_of(reference):  # not around it: that takes a fifth of the time
                raise

    def _path(self, root: str, reference: files.FileRef) -> str:
        place = root, reference.container
        path = self._paths.get(place)
        if path is None:
            with files.failures_of(reference):
                path = self._paths[place] = files.locate(root, reference)
        return path

    def _range(self, path: str, offset: int, length: int) -> bytes:
        if "://" in path or not hasattr(os, "pread"):
            return archives.read_range(path, offset, length)
        with self._lock:
            handle = self._handles.get(path)
            if handle is None:
                handle = self._handles[path] = os.open(path, os.O_RDONLY)
        data = os.pread(handle, length, offset)
        while 0 < len(data) < length:  # a shared disk may give less at a time
            more = os.pread(handle, length - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data
