"""OpenCV without threads of its own while workers render.

Every worker thread or process has a core to itself already. OpenCV would share each call among as
many threads as there are cores: with N workers N * N threads, which wait for each other.
"""

from __future__ import annotations

import threading
import types

import cv2


class OneThread:
    """Context in which OpenCV has one thread; on leaving it has again what it had before.

    OpenCV knows one number for a whole process, so contexts of several threads count as one: it
    lasts from the first that enters to the last that leaves.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = cv2.getNumThreads()
                cv2.setNumThreads(1)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                cv2.setNumThreads(self._before)


ONE_THREAD = OneThread()
