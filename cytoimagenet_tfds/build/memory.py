"""Memory that is free given back to the system.

Reading a table in thousands of pieces leaves free room in Arrow's pool and in the heap of the
process, which would count as used until the build ends.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Gives free memory back, as far as pool and C library can."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
        if trim is not None:
            trim(0)
