"""The whole way of one row's pixels, from decoded channels to the images that enter a dataset."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import crops as cropping
from cytoimagenet_tfds.images import levels, merging, quality, stretch
from cytoimagenet_tfds.images.formats import blob

RENDERER_VERSION = 1
"""Raised with every change that alters a pixel or a window; part of the name of rendered chunks."""


@dataclasses.dataclass(frozen=True)
class PixelSettings:
    """Everything that decides on pixels, windows and rejections.

    Attributes:
      low: percentile that becomes black, in percent.
      high: percentile that becomes white, in percent.
      protocol: how crops draw their scales, 'default' or 'paper'; see `crop_windows`.
      min_side: pixels a crop has at least on each side.
      max_pixels: pixels a plane may have to be decoded.
      seed: seed of the windows.
    """

    low: float = stretch.LOW
    high: float = stretch.HIGH
    protocol: str = "default"
    min_side: int = cropping.MIN_SIDE
    max_pixels: int = blob.MAX_PIXELS
    seed: int = 0

    def __post_init__(self) -> None:
        problems = errors.Problems()
        if not 0 <= self.low < self.high <= 100:
            problems.add(
                f"low, high: expected 0 <= low < high <= 100, found {self.low} and {self.high}."
            )
        if self.protocol not in cropping.PROTOCOLS:
            problems.add(errors.unknown_name("crop protocol", self.protocol, cropping.PROTOCOLS))
        for name in ("min_side", "max_pixels"):
            if getattr(self, name) < 1:
                problems.add(f"{name}: expected 1 or more, found {getattr(self, name)}.")
        problems.raise_if_any(errors.ConfigError, "These pixel settings cannot be used:")


@dataclasses.dataclass(frozen=True)
class Standardized:
    """What one row gives.

    Attributes:
      images: pairs of a window and its [h, w] uint8 pixels, in the order of the windows; a single
        pair with None for the whole image. Empty where the row is rejected. From
        `standardize_apart` `Apart` in the place of the pixels.
      rejected: None, or the reason: 'uniform', 'binary' or 'dim'.
    """

    images: list[tuple[cropping.Window | None, Any]]
    rejected: str | None = None


def standardize(
    channels: Sequence[levels.Array],
    crops: int,
    rng: np.random.Generator,
    settings: PixelSettings,
    segmented: bool = False,
) -> Standardized:
    """Merges the channels of a field, checks the image, and cuts and checks its crops.

    Each channel is stretched and the mean taken (`merge`). A uniform or binary image is rejected.
    Crops are checked by the same rules before their own second stretch, as a stretch can make
    any noise look like an image. Where none passes, or none is wanted or fits, the image enters
    whole; a dim one is then rejected, unless it is `segmented`.

    Args:
      channels: images of one size, [H, W], or [H, W, 3] uint8 for colour.
      crops: crops wanted, 0 to 4.
      rng: source of the windows; see `crop_windows`.
      settings: every number of the rules.
      segmented: the image shows one cell cut out, black around it, so that most of it is dark.

    Returns:
      The images, or the reason why there are none.

    Raises:
      errors.ImageError: the channels cannot be merged; see `merge`.
      errors.ConfigError: crops outside 0 to 4.
    """
    measured = merging.measure(channels, settings.low, settings.high)
    shape = measured.shape
    images: list[tuple[cropping.Window | None, levels.Array]] = []
    counts = np.zeros(len(levels.BYTES), np.int64)
    for window in cropping.crop_windows(shape, crops, rng, settings.protocol, settings.min_side):
        found = measured.merged(window.part)
        counts += found.counts
        if quality.rejection_of_levels(found) is None:
            stretched = stretch.measure_levels(found, settings.low, settings.high)
            images.append((window, stretched.as_bytes()))
    if images and quality.is_varied(counts, shape[0] * shape[1]):
        return Standardized(images)  # what lies outside of the crops need not be merged
    merged = measured.merged()
    reason = quality.rejection_of_levels(merged)
    if reason in (quality.UNIFORM, quality.BINARY):
        return Standardized([], reason)
    if images:
        return Standardized(images)
    if reason == quality.DIM and not segmented:
        return Standardized([], reason)
    return Standardized([(None, merged.codes)])
