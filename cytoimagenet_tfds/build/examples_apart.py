"""What is wrong with the image of a serialized example that keeps its channels apart."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cytoimagenet_tfds import images

_PER_CHANNEL = ("channels", "own")
_BOUNDS = ("y_min", "y_max", "x_min", "x_max")


def problems(
    stored: Mapping[str, Sequence[Any]],
    shape: Sequence[int],
    packed: bytes,
    dtype: str,
    expected: Sequence[int | None] | None = None,
) -> list[str]:
    """Returns the problems of one image.

    Args:
      stored: column -> its values, of the whole example.
      shape: (H, W, C) as stored.
      packed: its pixels, compressed by zlib.
      dtype: type of the pixels.
      expected: the sides that all images share, None for those that vary.
    """
    if len(shape) != 3 or min(shape) < 1:
        return [f"image has the shape {tuple(shape)}, expected three sides"]
    height, width, count = shape
    found = []
    if any(side not in (None, own) for side, own in zip(expected or shape, shape, strict=True)):
        found.append(f"image has the shape {tuple(shape)}, expected {tuple(expected or ())}")
    if "y_max" in stored and (sides := bounds(stored)) != (height, width):
        found.append(f"image is {height} x {width}, its bounds say {sides[0]} x {sides[1]}")
    if count > images.MAX_CHANNELS:
        found.append(f"image has {count} channels, at most {images.MAX_CHANNELS} are allowed")
    lengths = {name: len(stored[name]) for name in _PER_CHANNEL if name in stored}
    found += [f"{name} has {n} values for {count} channels"
              for name, n in lengths.items() if n != count]  # fmt: skip
    return found + _bytes(packed, math.prod(shape) * np.dtype(dtype).itemsize)


def bounds(stored: Mapping[str, Sequence[Any]]) -> tuple[int, int]:
    """Returns height and width of an example by its bounds, pixels."""
    y_min, y_max, x_min, x_max = (stored[name][0] for name in _BOUNDS)
    return y_max - y_min, x_max - x_min


def _bytes(packed: bytes, expected: int) -> list[str]:
    unpacking = zlib.decompressobj()
    try:
        # One byte more than expected is enough to know; a bomb is not unpacked.
        length = len(unpacking.decompress(packed, expected + 1))
    except zlib.error as error:
        return [f"image cannot be decoded ({error})"]
    if length != expected or not unpacking.eof:
        return [f"image has another number of bytes than its shape, {expected:,}"]
    return []
