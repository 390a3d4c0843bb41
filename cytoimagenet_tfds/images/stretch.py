"""Intensities: percentile stretch of a channel, and the merge of channels into one image.

The stretch maps the low percentile to 0 and the high one to 1, linearly, and clips beyond. All of
it is defined in float64:

    stretched = clip((image - p_low) / (p_high - p_low), 0, 1)      zeros where p_low == p_high
    merged    = round_half_even(sum of stretched channels / number of channels * 255)

and that is what comes out, bit for bit, though tables and blocks of rows do the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import levels

LOW, HIGH = 0.1, 99.9

_BLOCK = 2**15  # pixels worked on at a time: their float64 stay in the processor's cache


def percentiles(image: levels.Array, low: float = LOW, high: float = HIGH) -> tuple[float, float]:
    """Returns two percentiles of an image, interpolated linearly as numpy.percentile does.

    Args:
      image: [H, W] of any real type, or [H, W, 3] uint8, which stands for its channel mean.
      low: lower percentile, in percent.
      high: upper percentile, in percent.

    Returns:
      The two values; equal to numpy.percentile to the last bit, floats taken as float64.

    Raises:
      errors.ImageError: the image has no pixels, or holds NaN or infinity.
      errors.ConfigError: not 0 <= low <= high <= 100.
    """
    levels.check(image)
    return _limits(image, levels.of(image), low, high)


def normalize(image: levels.Array, low: float = LOW, high: float = HIGH) -> levels.Array:
    """Stretches an image between two of its percentiles.

    Args:
      image: [H, W] of any real type, or [H, W, 3] uint8, which stands for its channel mean.
      low: percentile that becomes 0, in percent.
      high: percentile that becomes 1, in percent.

    Returns:
      [H, W] float32 in [0, 1], the float64 result rounded; a constant image gives zeros. The
      input is not changed.

    Raises:
      errors.ImageError: the image has no pixels, or holds NaN or infinity.
      errors.ConfigError: not 0 <= low <= high <= 100.
    """
    levels.check(image)
    found = levels.of(image)
    p_low, p_high = _limits(image, found, low, high)
    if found is None:
        return _stretched(levels.to_grey(image), p_low, p_high).astype(np.float32)
    return levels.apply(found.codes, _stretched(found.values, p_low, p_high).astype(np.float32))


def merge(channels: Sequence[levels.Array], low: float = LOW, high: float = HIGH) -> levels.Array:
    """Merges the channels of one field: stretch each, take the mean, times 255, rounded.

    Args:
      channels: one or more images of one size, each [H, W] or [H, W, 3] as for `normalize`.
      low: percentile that becomes 0 in each channel, in percent.
      high: percentile that becomes 1 in each channel, in percent.

    Returns:
      [H, W] uint8, exactly as the float64 formula of this module gives it, halves to even.

    Raises:
      errors.ImageError: 'shape mismatch' where sizes differ, 'no channels' for an empty sequence,
        otherwise as `normalize`.
    """
    height, width = _common_size(channels)
    if len(channels) == 1 and (found := levels.of(channels[0])) is not None:
        return stretch_levels(found, low, high)
    parts = [_blockwise(channel, low, high) for channel in channels]
    merged = np.empty((height, width), np.uint8)
    rows = max(1, _BLOCK // width)
    total, part = np.empty((2, rows, width))
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        block, scratch = total[: stop - start], part[: stop - start]
        parts[0](start, stop, block)
        for one in parts[1:]:
            one(start, stop, scratch)
            block += scratch
        block /= len(channels)
        block *= 255
        np.rint(block, out=block)
        np.copyto(merged[start:stop], block, casting="unsafe")
    return merged


def stretch_levels(found: levels.Levels, low: float = LOW, high: float = HIGH) -> levels.Array:
    """Does what `merge` does to a single channel, given its levels: [H, W] uint8."""
    p_low, p_high = found.percentiles(*_checked(low, high))
    table = np.rint(_stretched(found.values, p_low, p_high) * 255)
    return levels.apply(found.codes, table.astype(np.uint8))


def _checked(low: float, high: float) -> tuple[float, float]:
    if not 0 <= low <= high <= 100:
        raise errors.ConfigError(
            f"percentiles: expected 0 <= low <= high <= 100, found low={low}, high={high}."
        )
    return low, high


def _limits(
    image: levels.Array, found: levels.Levels | None, low: float, high: float
) -> tuple[float, float]:
    low, high = _checked(low, high)
    if found is not None:
        p_low, p_high = found.percentiles(low, high)
    else:
        p_low, p_high = np.percentile(levels.wide(image), [low, high])
    return float(p_low), float(p_high)


def _stretched(values: levels.Array, low: float, high: float) -> levels.Floats:
    if high <= low:
        return np.zeros(values.shape)
    stretched: levels.Floats = values.astype(np.float64) - low
    stretched /= high - low
    return np.clip(stretched, 0, 1, out=stretched)


def _blockwise(
    channel: levels.Array, low: float, high: float
) -> Callable[[int, int, levels.Floats], None]:
    """Returns a function that writes the stretched rows start to stop of a channel to `out`."""
    found = levels.of(channel)
    p_low, p_high = _limits(channel, found, low, high)
    if found is not None:
        codes = found.codes
        table = levels.padded(_stretched(found.values, p_low, p_high), codes.dtype)
        return lambda start, stop, out: _write_table(codes[start:stop], table, out)
    grey = levels.to_grey(channel)
    return lambda start, stop, out: np.copyto(out, _stretched(grey[start:stop], p_low, p_high))


def _write_table(codes: levels.Array, table: levels.Floats, out: levels.Floats) -> None:
    levels.apply(codes, table, out)


def _common_size(channels: Sequence[levels.Array]) -> tuple[int, int]:
    if not channels:
        raise errors.ImageError("no channels", "there is no channel to merge.")
    for channel in channels:
        levels.check(channel)
    sizes = [channel.shape[:2] for channel in channels]
    if len(set(sizes)) > 1:
        found = ", ".join(f"{height} x {width}" for height, width in sizes)
        raise errors.ImageError(
            "shape mismatch", f"the channels of a field must have one size, found {found}."
        )
    return int(sizes[0][0]), int(sizes[0][1])
