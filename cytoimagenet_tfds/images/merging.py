"""The merge of the channels of one field into one grey image.

Defined in float64, with the stretch of `stretch`, and computed to the last bit:

    merged = round_half_even(sum of stretched channels, in order / number of channels * 255)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import levels, stretch

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
    return merge_measured(measure(channels, low, high))


def measure(channels: Sequence[levels.Array], low: float, high: float) -> list[stretch.Measured]:
    """Prepares the merge of channels, as `merge` takes them; raises as it does."""
    common_size(channels)
    return [stretch.measure(channel, low, high) for channel in channels]


def merge_measured(
    measured: Sequence[stretch.Measured], part: stretch.Part = stretch.WHOLE
) -> levels.Array:
    """Merges channels of one size whose stretch is known, or a part of them: [h, w] uint8."""
    if len(measured) == 1 and isinstance(measured[0], stretch.ByTable):
        return measured[0].as_bytes(part)
    (top, bottom, _), (left, right, _) = (
        which.indices(side) for which, side in zip(part, measured[0].shape, strict=True)
    )
    merged = np.empty((bottom - top, right - left), np.uint8)
    _mean(measured, merged, top, slice(left, right))
    return merged


def _mean(
    measured: Sequence[stretch.Measured], merged: levels.Array, top: int, columns: slice
) -> None:
    """Fills `merged` by the formula of this module, block by block."""
    height, width = merged.shape
    rows = max(1, _BLOCK // width)
    total, part = np.empty((2, min(rows, height), width))
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        which = slice(top + start, top + stop), columns
        block, scratch = total[: stop - start], part[: stop - start]
        measured[0].write(which, block)
        for one in measured[1:]:
            one.write(which, scratch)
            block += scratch
        block /= len(measured)
        block *= 255
        np.rint(block, out=block)
        np.copyto(merged[start:stop], block, casting="unsafe")


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
