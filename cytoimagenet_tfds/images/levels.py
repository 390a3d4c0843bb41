"""Grey levels: how often each occurs, percentiles from that, and tables applied to them.

An image of 8 or 16 bits has few levels: percentiles come from a histogram and every function of
the level becomes a table. Both are exact, and several times faster than sorting pixels.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import convert, kernels

Array = convert.Array
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_THIRDS = np.arange(3 * 255 + 1, dtype=np.float32) / np.float32(3)
_WORDS: Floats = np.arange(65536, dtype=np.float64)
BYTES: Floats = _WORDS[:256]


@dataclasses.dataclass(frozen=True)
class Levels:
    """An image whose pixels are codes into a table of levels.

    Attributes:
      codes: [H, W] uint8 or uint16.
      values: [L] float64, rising: the level of each code. Codes from L on do not occur.
      counted: [L] int64, pixels at each level, where that is known already.
    """

    codes: Array
    values: Floats
    counted: Counts | None = None

    @functools.cached_property
    def counts(self) -> Counts:
        """[L] int64: pixels at each level."""
        if self.counted is not None:
            return self.counted
        return histogram(self.codes, len(self.values))

    def percentiles(self, *wanted: float) -> tuple[float, ...]:
        """Returns percentiles as numpy.percentile does, to the last bit."""
        return tuple(kernels.percentile(self.values, self.counts, q) for q in wanted)


def of(image: Array) -> Levels | None:
    """Returns the levels of a grey or colour image of at most 16 bits, None for other types.

    Colour stands for its channel mean, as `to_grey` gives it.
    """
    if image.ndim == 3 and image.shape[-1] == 3 and image.dtype == np.uint8:
        return Levels(_sum_of_channels(image), _THIRDS.astype(np.float64))
    if image.ndim != 2 or image.dtype not in (np.uint8, np.uint16):
        return None
    codes = contiguous(image)
    if image.dtype == np.uint8:
        return Levels(codes, BYTES)
    counts = histogram(codes, len(_WORDS))
    length = kernels.used(counts)
    return Levels(codes, _WORDS[:length], counts[:length])


def to_grey(image: Array) -> Array:
    """Turns colour into grey by the channel mean.

    Args:
      image: [H, W, 3] uint8, or [H, W] of any type.

    Returns:
      [H, W] float32, the mean rounded to float32; a grey image comes back as it is.
    """
    if image.ndim == 2:
        return image
    found = of(image)
    if found is None:
        mean: Floats = np.mean(image, axis=-1, dtype=np.float64)
        return mean.astype(np.float32)
    return apply(found.codes, _THIRDS)


def histogram(codes: Array, length: int) -> Counts:
    """Counts each code of a [H, W] uint8 or uint16 image: [length] int64."""
    counts: Counts = np.zeros(256**codes.dtype.itemsize, np.int64)
    count = kernels.count_bytes if codes.dtype == np.uint8 else kernels.count_words
    count(contiguous(codes), counts)
    return counts[:length]


def wide(image: Array) -> Array:
    """Returns [H, W] grey levels in a type where their differences cannot overflow."""
    grey = to_grey(image)
    return grey.astype(np.int64 if grey.dtype.kind in "iu" else np.float64)


def apply(codes: Array, table: npt.NDArray[Any]) -> Array:
    """Looks every code up in `table` [L]; the result has the table's type and the codes' shape."""
    taken: Array = table.take(codes, mode="clip")
    return taken


def check(image: Array) -> None:
    """Raises ImageError for what is no image: no pixels, wrong number of axes, NaN, infinity."""
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] != 3):
        raise errors.ImageError(
            "shape mismatch", f"expected [H, W] or [H, W, 3], found an array of {image.shape}."
        )
    if image.size == 0:
        raise errors.ImageError("empty image", f"the image is {image.shape}: it has no pixels.")
    convert.check_finite(image)


def _sum_of_channels(image: Array) -> Array:
    total = image[..., 0].astype(np.uint16)
    total += image[..., 1]
    total += image[..., 2]
    return total


def contiguous(codes: Array) -> Array:
    """Returns codes in the byte order of the machine, aligned, rows without gaps."""
    return np.require(codes, codes.dtype.newbyteorder("="), ["C", "A"])
