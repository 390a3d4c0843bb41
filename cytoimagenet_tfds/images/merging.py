"""The merge of the channels of one field into one grey image.

Defined in float64, with the stretch of `stretch`, and computed to the last bit:

    merged = round_half_even(sum of stretched channels, in order / number of channels * 255)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import kernels, levels, stretch

_BLOCK = 2**16  # pixels worked on at a time, so that they stay in the processor's cache


def merge(
    channels: Sequence[levels.Array], low: float = stretch.LOW, high: float = stretch.HIGH
) -> levels.Array:
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
    return measure(channels, low, high).merged().codes


def measure(channels: Sequence[levels.Array], low: float, high: float) -> Measured:
    """Prepares the merge of channels, as `merge` takes them; raises as it does."""
    common_size(channels)
    return Measured([stretch.measure(channel, low, high) for channel in channels])


class Measured:
    """Channels whose stretch is known, ready to be merged; ValueError where sizes differ."""

    def __init__(self, channels: Sequence[stretch.Measured]) -> None:
        self.shape = channels[0].shape
        if any(channel.shape != self.shape for channel in channels):
            raise ValueError(f"expected one size, found {[channel.shape for channel in channels]}")
        self._channels = channels
        self._tabled = stretch.tabled(channels)

    def merged(self, part: stretch.Part | None = None) -> levels.Levels:
        """Merges the channels, or a part of each: [h, w] uint8 and how often each level occurs."""
        rows, columns = part or (slice(0, self.shape[0]), slice(0, self.shape[1]))
        for along, side in zip((rows, columns), self.shape, strict=True):
            if not 0 <= along.start < along.stop <= side:  # compiled loops do not look
                raise ValueError(f"{along} of {side} pixels")
        merged = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        counts: levels.Counts = np.zeros(len(levels.BYTES), np.int64)
        if self._tabled is not None:
            kernels.merge(
                self._tabled.codes, rows.start, columns.start, self._tabled.tables, merged, counts
            )
            return levels.Levels(merged, levels.BYTES, counts)
        step = max(1, _BLOCK // merged.shape[1])
        for start in range(0, len(merged), step):
            block = merged[start : start + step]
            first = rows.start + start
            which = slice(first, first + len(block)), columns
            _mean([channel.stretched(which) for channel in self._channels], block)
        kernels.count_bytes(merged, counts)
        return levels.Levels(merged, levels.BYTES, counts)


def _mean(stretched: Sequence[levels.Floats], merged: levels.Array) -> None:
    """Fills `merged` by the formula of this module."""
    total = stretched[0]
    for one in stretched[1:]:
        total += one
    total /= len(stretched)
    total *= 255
    np.copyto(merged, np.rint(total, out=total), casting="unsafe")


def common_size(channels: Sequence[levels.Array]) -> tuple[int, int]:
    """Returns (height, width) of channels; raises ImageError as `merge`."""
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
