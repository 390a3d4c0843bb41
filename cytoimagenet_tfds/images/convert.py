"""From whatever a file stores to the three kinds of arrays this package works on.

The rules:

- 8 and 16 bits, unsigned: as stored. One bit: 0 and 255.
- Other integers keep their values: uint16 where all lie in 0 to 65535 (uint8 for signed 8 bits),
  otherwise float32, exact up to 2**24 and rounded to the nearest float32 beyond.
- Floats: float32. NaN and infinity are refused, also where float64 exceeds float32.
- Colour: [H, W, 3] uint8. Deeper colour would not fit and turns grey at once, by the channel
  mean: rounded to uint16 for 16 bits, float32 for anything else.
- Alpha: dropped where every pixel is opaque, otherwise the image is laid over black, rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

Array = npt.NDArray[Any]
_ROWS = 256  # of an image, computed at a time


def grey(array: Array) -> Array:
    """Returns [H, W] uint8, uint16 or float32 for [H, W] of any real type."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        return np.where(array, np.uint8(255), np.uint8(0))
    if kind == "u" and size <= 2:
        return _native(array, np.uint8 if size == 1 else np.uint16)
    if kind in "ui":
        return _integer(array)
    if kind == "f":
        return _float(array)
    raise errors.ImageError("unsupported", f"pixels of type {array.dtype} have no order.")


def colour(array: Array) -> Array:
    """Returns [H, W, 3] uint8, or [H, W] where the three channels are deeper than 8 bits."""
    if array.dtype == np.uint8:
        return _native(array, np.uint8)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        total: Array = array.sum(axis=-1, dtype=np.uint32)
        return ((total + 1) // 3).astype(np.uint16)  # thirds are never halfway
    return grey(np.asarray(np.mean(array, axis=-1, dtype=np.float64)))


def over_black(array: Array, alpha: Array) -> Array:
    """Lays [H, W, C] unsigned pixels over black by their alpha [H, W] of the same type.

    Returns the pixels untouched where all are opaque.
    """
    opaque = np.iinfo(array.dtype).max
    if (alpha == opaque).all():
        return array
    laid = np.empty_like(array)
    for start in range(0, len(array), _ROWS):  # float64 of a large image takes gigabytes
        rows = slice(start, start + _ROWS)
        product: Array = array[rows].astype(np.float64) * alpha[rows, ..., None]
        laid[rows] = np.rint(product / opaque)
    return laid


def samples(array: Array) -> Array:
    """Converts [H, W] or [H, W, 1 to 4] unsigned samples: grey, grey + alpha, RGB, RGBA."""
    if array.ndim == 2:
        return grey(array)
    count = array.shape[-1]
    if count in (2, 4):
        array = over_black(array[..., :-1], array[..., -1])
    if count in (1, 2):
        return grey(array[..., 0])
    if count in (3, 4):
        return colour(array)
    raise errors.ImageError("unsupported", f"a pixel has {count} samples; 1 to 4 are known.")


def check_finite(array: Array) -> None:
    """Raises ImageError 'not finite' where a float image holds NaN or infinity."""
    if array.dtype.kind != "f":
        return
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise errors.ImageError(
            "not finite",
            f"{int(bad.sum())} of {array.size} pixels are NaN or infinite, the first at {first}.",
        )


def _native(array: Array, dtype: npt.DTypeLike) -> Array:
    return np.ascontiguousarray(array, dtype=dtype)


def _integer(array: Array) -> Array:
    if array.min() < 0 or array.max() > np.iinfo(np.uint16).max:
        return _native(array, np.float32)
    return _native(array, np.uint8 if array.dtype.itemsize == 1 else np.uint16)


def _float(array: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        result = _native(array, np.float32)
    check_finite(result)
    return result
