"""The loops of `compiled`, loaded when the first of them is asked for.

Numba takes half a second and 100 MB, which who only reads or checks images does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cytoimagenet_tfds.images.compiled import (
        MAX_CHANNELS,
        as_bytes,
        count_bytes,
        count_words,
        merge,
        percentile,
        stretch,
        used,
    )

__all__ = [
    "MAX_CHANNELS", "as_bytes", "count_bytes", "count_words", "merge", "percentile", "stretch",
    "used",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Loads all of them, so that the next one is found at once."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cytoimagenet_tfds.images import compiled

    globals().update((loop, getattr(compiled, loop)) for loop in __all__)
    return globals()[name]
