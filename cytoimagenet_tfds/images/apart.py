"""The channels of one field kept apart, and how the merged image comes out of them.

A channel is stretched between its own percentiles in the whole field, as for the merge, or kept as
it is. A crop keeps the stretch of its field, so that its channels compare with those of the field
and an empty one stays dark. A colour file that is the only file of its field gives three channels,
red, green and blue, stretched alike by the percentiles of their mean. Of several files each
stands for its mean, as everywhere in this package, or unstretched for the sum of its samples.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import crops as cropping
from cytoimagenet_tfds.images import levels, merging, standard, stretch

MAX_CHANNELS = 8

_Limits = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Apart:
    """Channels of a field, or of a crop of it, kept apart.

    Attributes:
      pixels: [H, W, C] uint8 stretched, or uint16 as the source has them.
      low: [C] float64, level of the source that the stretch makes 0.
      high: [C] float64, level of the source that the stretch makes 1.
      own: [C] bool, channels that the merged image is made of.
      colour: True where the channels are red, green and blue of one image.
    """

    pixels: levels.Array
    low: _Limits
    high: _Limits
    own: npt.NDArray[np.bool_]
    colour: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, C)."""
        return self.pixels.shape

    def cut(self, window: cropping.Window) -> Apart:
        """Returns the part inside a window; levels stay those of the whole field."""
        part = self.pixels[window.part]
        return dataclasses.replace(self, pixels=part)


def keep_apart(
    channels: Sequence[levels.Array],
    own: Sequence[bool] = (),
    *,
    raw: bool = False,
    low: float = stretch.LOW,
    high: float = stretch.HIGH,
) -> Apart:
    """Puts the channels of a field on one another.

    Args:
      channels: images of one size, [H, W], or [H, W, 3] uint8 for colour.
      own: which of them the merged image is made of; () for all.
      raw: True for the pixels of the source, which must have 8 or 16 bits; False for uint8.
      low: percentile that becomes 0 in each channel, in percent.
      high: percentile that becomes 1 in each channel, in percent.

    Raises:
      errors.ImageError: 'too many channels' for more than eight, 'shape mismatch' where sizes
        differ, 'not 16 bits' where `raw` would change a pixel, otherwise as `normalize`.
    """
    check_count(len(channels))
    merging.common_size(channels)
    if len(channels) == 1 and _is_colour(channels[0]):
        limits = stretch.percentiles(channels[0], low, high)
        planes = list(np.moveaxis(channels[0], -1, 0))
        return _stacked(planes, [limits] * 3, [True] * 3, raw=raw, colour=True)
    planes = [_without_colour(channel, raw=raw) for channel in channels]
    limits_of_each = [stretch.percentiles(plane, low, high) for plane in planes]
    return _stacked(planes, limits_of_each, list(own) or [True] * len(planes), raw=raw)


def standardize_apart(
    channels: Sequence[levels.Array],
    crops: int,
    rng: np.random.Generator,
    settings: standard.PixelSettings,
    segmented: bool = False,
    *,
    own: Sequence[bool] = (),
    raw: bool = False,
) -> standard.Standardized:
    """As `standardize`, with the channels apart: the same windows, the same rejections.

    Args:
      channels: as for `keep_apart`.
      crops: as for `standardize`, as are `rng`, `settings` and `segmented`.
      rng: source of the windows.
      settings: every number of the rules.
      segmented: the image shows one cell cut out.
      own: channels that the merged image is made of, by which windows and rejections are decided.
      raw: as for `keep_apart`.

    Returns:
      Windows and `Apart` images, or the reason why there are none.

    Raises:
      errors.ImageError: as `keep_apart`.
    """
    whole = keep_apart(channels, own, raw=raw, low=settings.low, high=settings.high)
    chosen = [c for c, mine in zip(channels, own, strict=True) if mine] if own else channels
    merged = standard.standardize(chosen, crops, rng, settings, segmented)
    images = [
        (window, whole if window is None else whole.cut(window)) for window, _ in merged.images
    ]
    return standard.Standardized(images, merged.rejected)


def merge_apart(
    image: Apart,
    *,
    crop: bool = False,
    low: float = stretch.LOW,
    high: float = stretch.HIGH,
) -> levels.Array:
    """Returns the merged image that belongs to an image with its channels apart.

    From pixels of the source it is the merged image bit for bit. From stretched ones, which are
    rounded, it is the same within one grey level, before the second stretch of a crop; not so of a
    colour image, whose samples beyond the levels of their mean were cut off one by one.

    Args:
      image: channels of a field or a crop.
      crop: True to stretch the result again, as is done with a crop.
      low: percentile that becomes 0 in that second stretch, in percent.
      high: percentile that becomes 1 in it, in percent.

    Returns:
      [H, W] uint8.
    """
    planes = [np.ascontiguousarray(image.pixels[..., c]) for c in np.flatnonzero(image.own)]
    limits = [(image.low[c], image.high[c]) for c in np.flatnonzero(image.own)]
    if image.colour:
        planes, limits = [np.stack([p.astype(np.uint8) for p in planes], axis=-1)], limits[:1]
    if image.pixels.dtype == np.uint8:
        limits = [(0.0, 255.0)] * len(planes)
    merged = merging.Measured([
        stretch.between(plane, *limit) for plane, limit in zip(planes, limits, strict=True)
    ]).merged()  # fmt: skip
    if not crop:
        return merged.codes
    return stretch.measure_levels(merged, low, high).as_bytes()


def check_count(count: int, of: str = "the field") -> None:
    """Raises ImageError where there are more channels than an image may have."""
    if count > MAX_CHANNELS:
        raise errors.ImageError(
            "too many channels",
            f"{of} has {count} channels; an image with its channels apart has at most "
            f"{MAX_CHANNELS}.",
        )


def _stacked(
    planes: Sequence[levels.Array],
    limits: Sequence[tuple[float, float]],
    own: Sequence[bool],
    *,
    raw: bool,
    colour: bool = False,
) -> Apart:
    make = _as_it_is if raw else _stretched
    done = [make(plane, *limit) for plane, limit in zip(planes, limits, strict=True)]
    low, high = np.array(limits, np.float64).T
    return Apart(np.stack(done, axis=-1), low, high, np.array(own, np.bool_), colour)


def _stretched(plane: levels.Array, low: float, high: float) -> levels.Array:
    return merging.Measured([stretch.between(plane, low, high)]).merged().codes


def _as_it_is(plane: levels.Array, low: float, high: float) -> levels.Array:
    if plane.dtype not in (np.uint8, np.uint16):
        raise errors.ImageError(
            "not 16 bits", f"The pixels are {plane.dtype}; as they are, only uint8 and uint16 fit."
        )
    return plane.astype(np.uint16)


def _is_colour(image: levels.Array) -> bool:
    """False also for a grey image saved as colour."""
    return image.ndim == 3 and not (image == image[..., :1]).all()


def _without_colour(image: levels.Array, *, raw: bool) -> levels.Array:
    """Returns grey levels; a grey image saved as colour keeps its type."""
    if image.ndim == 2:
        return image
    if not _is_colour(image):
        return image[..., 0]
    return image.sum(axis=-1, dtype=np.uint16) if raw else levels.to_grey(image)
