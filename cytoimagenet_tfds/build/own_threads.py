"""OpenCV without threads of its own, and Python's threads in short turns, while workers render.

Every worker thread or process has a core to itself already. OpenCV would share each call among as
many threads as there are cores: with N workers N * N threads, which wait for each other.

A thread that comes back from a decoder waits for the interpreter while another runs Python, by
default up to 5 ms, the time of half a field. In trials without Beam (TIFF, two cores) two threads
rendered 1.8 times as much as one with short turns and 1.4 times with the default; on another day
1.6 times with either.
"""

from __future__ import annotations

import sys
import threading
import types

import cv2

TURN = 1e-4  # seconds a thread may run Python while another waits


class OneThread:
    """Context in which OpenCV has one thread; on leaving all is again as it was before.

    Both settings are those of a whole process, so contexts of several threads count as one: it
    lasts from the first that enters to the last that leaves.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = (0, 0.0)

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = cv2.getNumThreads(), sys.getswitchinterval()
                cv2.setNumThreads(1)
                sys.setswitchinterval(TURN)
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
                cv2.setNumThreads(self._before[0])
                sys.setswitchinterval(self._before[1])


ONE_THREAD = OneThread()
