"""Memory that is free given back to the system, and memory that stays left alone.

Reading a table in thousands of pieces leaves free room in Arrow's pool and in the heap of the
process, which would count as used until the build ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator


def give_back() -> None:
    """Gives free memory back, as far as pool and C library can."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
        if trim is not None:
            trim(0)


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Context in which Python looks for cycles among the objects made since alone.

    Those of Beam, TFDS and TensorFlow are hundreds of thousands: going through them took a fifth of
    the time in which examples of 50 kB are assembled.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
