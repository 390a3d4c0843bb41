"""Grey levels: how often each occurs, percentiles from that, and tables applied to them.

An image of 8 or 16 bits has few levels: percentiles come from a histogram and every function of
the level becomes a table. Both are exact, and several times faster than sorting pixels.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import convert

Array = convert.Array
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_EXACT_IN_FLOAT32 = 2**24  # OpenCV counts in float32
_THIRDS = np.arange(3 * 255 + 1, dtype=np.float32) / np.float32(3)
_WORDS: Floats = np.arange(65536, dtype=np.float64)
BYTES: Floats = _WORDS[:256]


@dataclasses.dataclass(frozen=True)
class Levels:
    """An image whose pixels are codes into a table of levels.

    Attributes:
      codes: [H, W] uint8 or uint16.
      values: [L] float64, rising: the level of each code. Codes from L on do not occur.
    """

    codes: Array
    values: Floats

    @functools.cached_property
    def counts(self) -> Counts:
        """[L] int64: pixels at each level."""
        return histogram(self.codes, len(self.values))

    @functools.cached_property
    def cumulative(self) -> Counts:
        """[L] int64: pixels at each level or below."""
        return np.cumsum(self.counts)

    def percentiles(self, *wanted: float) -> tuple[float, ...]:
        """Returns percentiles as numpy.percentile does, to the last bit."""
        return tuple(_percentile(self.values, self.cumulative, q) for q in wanted)


def of(image: Array) -> Levels | None:
    """Returns the levels of a grey or colour image of at most 16 bits, None for other types.

    Colour stands for its channel mean, as `to_grey` gives it.
    """
    if image.ndim == 3 and image.shape[-1] == 3 and image.dtype == np.uint8:
        return Levels(_sum_of_channels(image), _THIRDS.astype(np.float64))
    if image.ndim != 2 or image.dtype not in (np.uint8, np.uint16):
        return None
    if image.dtype == np.uint8:
        return Levels(image, BYTES)
    return Levels(image, _WORDS[: int(image.max()) + 1])


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
    """Counts each code of an 8 or 16-bit image: [length] int64."""
    if codes.size >= _EXACT_IN_FLOAT32:
        return np.bincount(codes.ravel(), minlength=length).astype(np.int64)
    counts: Any = cv2.calcHist([_plain(codes)], [0], None, [length], [0, length])
    return np.asarray(counts).ravel().astype(np.int64)


def wide(image: Array) -> Array:
    """Returns [H, W] grey levels in a type where their differences cannot overflow."""
    grey = to_grey(image)
    return grey.astype(np.int64 if grey.dtype.kind in "iu" else np.float64)


def apply(codes: Array, table: npt.NDArray[Any], out: Array | None = None) -> Array:
    """Looks every code up in `table` [L]; the result has the table's type and the codes' shape."""
    if codes.dtype == np.uint8 or _has_16_bit_tables():
        result: Array = cv2.LUT(_plain(codes), padded(table, codes.dtype), out)
        return result
    taken: Array = table.take(codes, out=out, mode="clip")
    return taken


def padded(table: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Fills a table up to the 256 or 65536 entries that OpenCV wants for codes of `dtype`."""
    full = 256**dtype.itemsize
    if len(table) == full:
        return table
    longer = np.zeros(full, table.dtype)  # memory of entries never touched is never paid for
    longer[: len(table)] = table
    return longer


def check(image: Array) -> None:
    """Raises ImageError for what is no image: no pixels, wrong number of axes, NaN, infinity."""
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] != 3):
        raise errors.ImageError(
            "shape mismatch", f"expected [H, W] or [H, W, 3], found an array of {image.shape}."
        )
    if image.size == 0:
        raise errors.ImageError("empty image", f"the image is {image.shape}: it has no pixels.")
    convert.check_finite(image)


def _percentile(values: Floats, cumulative: Counts, q: float) -> float:
    """One percentile, with numpy's steps in numpy's order, so that rounding agrees."""
    last = int(cumulative[-1]) - 1
    position = last * (q / 100)
    below = math.floor(position)
    a, b = (
        float(values[cumulative.searchsorted(rank, side="right")])
        for rank in (below, min(below + 1, last))
    )
    part = position - below
    return b - (b - a) * (1 - part) if part >= 0.5 else a + (b - a) * part


def _sum_of_channels(image: Array) -> Array:
    total = image[..., 0].astype(np.uint16)
    total += image[..., 1]
    total += image[..., 2]
    return total


def _plain(codes: Array) -> Array:
    """OpenCV takes rows with gaps between them, but no other layout."""
    if codes.strides[-1] == codes.itemsize and codes.strides[0] > 0 and codes.dtype.isnative:
        return codes
    return np.ascontiguousarray(codes, dtype=codes.dtype.newbyteorder("="))


@functools.cache
def _has_16_bit_tables() -> bool:
    """Early versions of OpenCV 4 look up 8-bit codes alone."""
    try:
        cv2.LUT(np.zeros((1, 1), np.uint16), np.zeros(65536))
    except cv2.error:
        return False
    return True
