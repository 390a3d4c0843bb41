"""Intensities of one channel: percentiles, and the stretch between two of them.

The stretch maps the low percentile to 0 and the high one to 1, linearly, and clips beyond. It is
defined in float64, and that is what comes out, bit for bit, though tables do the work:

    stretched = clip((image - p_low) / (p_high - p_low), 0, 1)      zeros where p_low == p_high
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import kernels, levels

LOW, HIGH = 0.1, 99.9

Part = tuple[slice, slice]  # rows and columns of an image, first and last given or both None
WHOLE: Part = (slice(None), slice(None))


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
    measured = measure(image, low, high)
    if isinstance(measured, ByTable):
        return levels.apply(measured.codes, measured.table.astype(np.float32))
    return _stretched(measured.grey, measured.low, measured.high).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class ByTable:
    """A channel of few levels, and the stretched value of each.

    Attributes:
      codes: [H, W] uint8 or uint16, codes into `table`.
      table: [L] float64 in [0, 1].
    """

    codes: levels.Array
    table: levels.Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W)."""
        return self.codes.shape

    def stretched(self, which: Part) -> levels.Floats:
        """Returns a stretched part: [h, w] float64."""
        return self.table[self.codes[which]]

    def as_bytes(self) -> levels.Array:
        """Returns the stretched channel times 255, halves rounded to even: [H, W] uint8."""
        return kernels.as_bytes(levels.contiguous(self.codes), self.table)


@dataclasses.dataclass(frozen=True)
class ByFormula:
    """A channel of floats or wide integers, and the levels that become 0 and 1.

    Attributes:
      grey: [H, W] levels.
      low: the level that becomes 0.
      high: the level that becomes 1.
    """

    grey: levels.Array
    low: float
    high: float

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W)."""
        return self.grey.shape

    def stretched(self, which: Part) -> levels.Floats:
        """Returns a stretched part: [h, w] float64."""
        return _stretched(self.grey[which], self.low, self.high)


Measured = ByTable | ByFormula


class Tabled(NamedTuple):
    """Channels of few levels, as `kernels.merge` takes them.

    Attributes:
      codes: eight times [H, W] of one type, the N channels first.
      tables: [N, L] float64.
    """

    codes: tuple[levels.Array, ...]
    tables: levels.Floats


def tabled(measured: Sequence[Measured]) -> Tabled | None:
    """Puts tables side by side; None where a channel has none, or there are too many channels."""
    each = [one for one in measured if isinstance(one, ByTable)]
    if not len(measured) == len(each) <= kernels.MAX_CHANNELS:
        return None
    tables = np.zeros((len(each), max(len(one.table) for one in each)))
    for row, one in zip(tables, each, strict=True):
        row[: len(one.table)] = one.table
    codes = [levels.contiguous(one.codes) for one in each]
    if any(one.dtype != codes[0].dtype for one in codes):
        codes = [one.astype(np.uint16) for one in codes]
    rest = kernels.MAX_CHANNELS - len(codes)
    return Tabled((*codes, *codes[:1] * rest), tables)


def measure(image: levels.Array, low: float, high: float) -> Measured:
    """Prepares the stretch of an image between two percentiles, in percent."""
    found = levels.of(image)
    if found is not None:
        return measure_levels(found, low, high)
    return ByFormula(levels.to_grey(image), *_limits(image, None, low, high))


def between(image: levels.Array, low: float, high: float) -> Measured:
    """Prepares the stretch of an image between two levels."""
    found = levels.of(image)
    if found is not None:
        return ByTable(found.codes, kernels.stretch(found.values, low, high))
    return ByFormula(levels.to_grey(image), low, high)


def measure_levels(found: levels.Levels, low: float, high: float) -> ByTable:
    """Prepares the stretch of an image whose levels are known."""
    p_low, p_high = found.percentiles(*_checked(low, high))
    return ByTable(found.codes, kernels.stretch(found.values, p_low, p_high))


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
    wide = values.astype(np.float64).reshape(-1)
    return kernels.stretch(wide, low, high).reshape(values.shape)
