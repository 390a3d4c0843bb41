"""Loops over the pixels of a field, compiled by Numba.

NumPy and OpenCV would pass some hundred times over a field, and between any two passes a thread
waits for Python's interpreter. Here one pass does what belongs together, without the interpreter.
No arithmetic is reordered: results are those of the formulas in float64, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_Function = TypeVar("_Function", bound=Callable[..., Any])
MAX_CHANNELS = 8
"""Channels that are merged by `merge`."""
_LANES = 4  # tables counted in turns, as a level that follows itself would wait for its own count


def _compiled(*signatures: Any, nogil: bool = True) -> Callable[[_Function], _Function]:
    """Compiles a function for such arguments; what was compiled is kept for the next process."""

    def compiled(function: _Function) -> _Function:
        options: dict[str, Any] = {"nogil": nogil, "error_model": "numpy"}
        try:
            done: _Function = numba.njit(list(signatures), cache=True, **options)(function)
        except RuntimeError:  # no folder to keep it in: neither the package's nor the user's
            done = numba.njit(list(signatures), **options)(function)
        return done

    return compiled


def _given(kind: numba.types.Type, axes: int) -> numba.types.Type:
    """The type of an array that is only read, and may be one that cannot be written."""
    return numba.types.Array(kind, axes, "C", readonly=True)


_VOID, _BYTE, _WORD = numba.types.void, numba.types.uint8, numba.types.uint16
_COUNTS, _BYTES = numba.types.int64[::1], _BYTE[:, ::1]
_LEVELS, _TABLES = numba.types.float64[::1], numba.types.float64[:, ::1]


@_compiled(_VOID(_given(_BYTE, 2), _COUNTS))
def count_bytes(codes: npt.NDArray[np.uint8], counts: Counts) -> None:
    """Adds how often each code occurs.

    Args:
      codes: [H, W] uint8, rows without gaps.
      counts: [256] int64, added to.
    """
    height, width = codes.shape
    lanes = np.zeros((_LANES, 256), np.int64)
    for y in range(height):
        row = codes[y]
        x = 0
        while x + _LANES <= width:
            lanes[0, row[x]] += 1
            lanes[1, row[x + 1]] += 1
            lanes[2, row[x + 2]] += 1
            lanes[3, row[x + 3]] += 1
            x += _LANES
        while x < width:
            lanes[0, row[x]] += 1
            x += 1
    counts += lanes[0] + lanes[1] + lanes[2] + lanes[3]


@_compiled(_VOID(_given(_WORD, 2), _COUNTS))
def count_words(codes: npt.NDArray[np.uint16], counts: Counts) -> None:
    """Adds how often each code of [H, W] uint16 occurs to [65536] int64."""
    height, width = codes.shape
    for y in range(height):
        row = codes[y]
        for x in range(width):
            counts[row[x]] += 1


@_compiled(numba.int64(_COUNTS), nogil=False)
def used(counts: Counts) -> int:
    """Returns how many counts there are up to the last that is not zero."""
    length = len(counts)
    while length and not counts[length - 1]:
        length -= 1
    return length


def _channels(kind: numba.types.Type) -> numba.types.Type:
    return numba.types.UniTuple(_given(kind, 2), MAX_CHANNELS)


@_compiled(*(
    _VOID(_channels(kind), numba.int64, numba.int64, _TABLES, _BYTES, _COUNTS)
    for kind in (_BYTE, _WORD)
))  # fmt: skip
def merge(
    codes: tuple[npt.NDArray[Any], ...],
    top: int,
    left: int,
    tables: Floats,
    merged: npt.NDArray[np.uint8],
    counts: Counts,
) -> None:
    """Takes the mean of what tables say of each pixel, times 255, halves rounded to even.

    Args:
      codes: eight times [H, W] of one type, uint8 or uint16: codes of the channels, each below L;
        those after the N-th do not count.
      top: first row of the part of each channel that is merged.
      left: its first column.
      tables: [N, L] float64 in [0, 1], of each channel; N of 1 to 8.
      merged: [h, w] uint8, filled.
      counts: [256] int64; how often each level of `merged` occurs is added.
    """
    channels, (height, width) = len(tables), merged.shape
    right = left + width
    total = np.empty(width)
    for y in range(height):
        total[:] = 0
        done = 0
        while done + 3 <= channels:  # three at a time: sums are read and written less often
            a = codes[done][top + y, left:right]
            b = codes[done + 1][top + y, left:right]
            c = codes[done + 2][top + y, left:right]
            of_a, of_b, of_c = tables[done], tables[done + 1], tables[done + 2]
            for x in range(width):
                total[x] = total[x] + of_a[a[x]] + of_b[b[x]] + of_c[c[x]]
            done += 3
        while done < channels:
            a, of_a = codes[done][top + y, left:right], tables[done]
            for x in range(width):
                total[x] += of_a[a[x]]
            done += 1
        row = merged[y]
        for x in range(width):
            row[x] = np.uint8(np.int32(np.rint(total[x] / channels * 255)))
    count_bytes(merged, counts)


@_compiled(*(_BYTES(_given(kind, 2), _given(numba.float64, 1)) for kind in (_BYTE, _WORD)))
def as_bytes(codes: npt.NDArray[Any], table: Floats) -> npt.NDArray[np.uint8]:
    """Looks codes [H, W], each below L, up in a table [L], times 255, halves rounded to even."""
    rounded = np.empty(len(table), np.uint8)
    for code in range(len(table)):
        rounded[code] = np.uint8(np.int32(np.rint(table[code] * 255)))
    height, width = codes.shape
    looked_up = np.empty((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            looked_up[y, x] = rounded[codes[y, x]]
    return looked_up


@_compiled(numba.float64(_given(numba.float64, 1), _COUNTS, numba.float64), nogil=False)
def percentile(values: Floats, counts: Counts, q: float) -> float:
    """Returns a percentile as numpy.percentile does, with its steps in its order.

    Args:
      values: [L] float64, rising levels.
      counts: [L] int64, pixels at each level, one or more in all.
      q: 0 to 100, in percent.
    """
    last = counts.sum() - 1
    position = last * (q / 100)
    below = math.floor(position)
    code, reached = 0, counts[0]
    while reached <= below:
        code += 1
        reached += counts[code]
    a = values[code]
    if reached <= min(below + 1, last):
        code += 1
        while counts[code] == 0:
            code += 1
    b, part = values[code], position - below
    found: float = b - (b - a) * (1 - part) if part >= 0.5 else a + (b - a) * part
    return found


@_compiled(_LEVELS(_given(numba.float64, 1), numba.float64, numba.float64), nogil=False)
def stretch(values: Floats, low: float, high: float) -> Floats:
    """Maps levels [L] linearly, `low` to 0 and `high` to 1, and clips beyond; zeros where equal."""
    stretched = np.zeros(len(values))
    if high > low:
        for i in range(len(values)):
            share = (values[i] - low) / (high - low)
            stretched[i] = 0.0 if share < 0 else 1.0 if share > 1 else share
    return stretched
