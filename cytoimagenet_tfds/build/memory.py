"""Memory that is free: given back to the system, or kept for what comes next.

Reading a table in thousands of pieces leaves free room in Arrow's pool and in the heap of the
process, which would count as used until the build ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import sys
from collections.abc import Iterator
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_KEPT, _LARGEST = 1 << 27, 1 << 25  # bytes; glibc takes no more for the second


def give_back() -> None:
    """Gives free memory back, as far as pool and C library can."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


@functools.cache
def keep_for_images() -> None:
    """Makes the C library keep up to 128 MB of free memory from one image to the next.

    By default it gives the planes of a field back to the system, which clears them for the next
    field: in trials a fourth of the time of a process that renders TIFF of 1080 x 1080 pixels.
    """
    set_option = _of_glibc("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _LARGEST)
        set_option(_TRIM_THRESHOLD, _KEPT)


def _of_glibc(name: str) -> Any:
    """Returns a function of the C library; None where it is another library."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Context in which Python looks for cycles among the objects made since alone.

    Those of Beam, TFDS and TensorFlow are hundreds of thousands: going through them took a fifth of
    the time in which examples of 50 kB are assembled. One context may lie in another.
    """
    outermost = not gc.get_freeze_count()
    gc.freeze()
    try:
        yield
    finally:
        if outermost:
            gc.unfreeze()
