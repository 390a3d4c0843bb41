"""Which images are worth nothing to a model: uniform, binary and dim ones."""

from __future__ import annotations

import math

import numpy as np

from cytoimagenet_tfds.images import levels

UNIFORM, BINARY, DIM = "uniform", "binary", "dim"

_LOW, _DIM, _HIGH = 0.1, 75, 99.9  # percentiles; the paper's values


def rejection(image: levels.Array) -> str | None:
    """Says why an image should be left out, by the paper's three rules, tested in this order.

    - 'uniform': its 0.1th and 99.9th percentiles are equal.
    - 'binary': it has exactly two distinct values.
    - 'dim': its 75th percentile is 0.

    Args:
      image: [H, W] of any real type, or [H, W, 3] uint8, which stands for its channel mean.

    Returns:
      The reason, or None for an image to keep.

    Raises:
      errors.ImageError: the image has no pixels, or holds NaN or infinity.
    """
    levels.check(image)
    found = levels.of(image)
    if found is not None:
        return rejection_of_levels(found)
    grey = levels.wide(image)
    low, dim, high = np.percentile(grey, [_LOW, _DIM, _HIGH])
    return _reason(low, dim, high, len(np.unique(grey)))


def rejection_of_levels(found: levels.Levels) -> str | None:
    """Does what `rejection` does, given the levels of an image."""
    low, dim, high = found.percentiles(_LOW, _DIM, _HIGH)
    return _reason(low, dim, high, int(np.count_nonzero(found.counts)))


def is_varied(counts: levels.Counts, pixels: int) -> bool:
    """Says whether a part of an image is enough to know that the whole is not uniform or binary.

    Args:
      counts: [L] pixels of the part at each level.
      pixels: pixels of the whole image.

    Returns:
      True where the part has more than two levels, and, whatever level is taken, more pixels of
      other levels than a uniform image can have; False where the part does not tell.
    """
    outside = 2 * (math.ceil(pixels * _LOW / 100) + 1)  # pixels beyond the two percentiles
    others = int(counts.sum()) - int(counts.max())
    return int(np.count_nonzero(counts)) > 2 and others > outside


def _reason(low: float, dim: float, high: float, distinct: int) -> str | None:
    if low == high:
        return UNIFORM
    if distinct == 2:
        return BINARY
    if dim == 0:
        return DIM
    return None
