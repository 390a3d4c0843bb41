"""Four stains as one image, their values as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.sources.kaggle import _hpa

COLOURS = tuple(channel.code for channel in _hpa.CHANNELS)
"""Colour of each channel of an image, in order: red, green, blue, yellow."""


@dataclasses.dataclass(frozen=True)
class Stack:
    """Puts the stains of a field on one another; stands in for `images.standardize`.

    Attributes:
      side: a longer image is made this many pixels wide, each pixel the mean of those it covers;
        0 leaves it as it is.
    """

    side: int = 0

    def __call__(
        self,
        channels: Sequence[npt.NDArray[Any]],
        crops: int,
        rng: np.random.Generator,
        settings: images.PixelSettings,
        segmented: bool = False,
    ) -> images.Standardized:
        """Returns the whole image, [H, W, 4] uint8; nothing is stretched, nothing is rejected.

        Raises:
          ImageError: sizes differ, a file is deeper than 8 bits, or a colour is missing.
        """
        return images.Standardized([(None, self.stack(channels))])

    def stack(self, channels: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.uint8]:
        """Returns [H, W, 4] uint8 for the four stains in the order of `COLOURS`."""
        if len(channels) != len(COLOURS):
            raise errors.ImageError(
                "missing channel", f"{len(channels)} channels, expected {len(COLOURS)}."
            )
        planes = [one_stain(channel) for channel in channels]
        found = dict(zip(COLOURS, planes, strict=True))
        if len({plane.shape for plane in planes}) > 1:
            sizes = ", ".join(f"{c} {p.shape[0]} x {p.shape[1]}" for c, p in found.items())
            raise errors.ImageError("sizes differ", f"The channels differ in size: {sizes}.")
        for colour, plane in found.items():
            if plane.dtype != np.uint8:
                raise errors.ImageError("not 8 bits", f"{colour} is {plane.dtype}, not uint8.")
        return self._smaller(np.stack(planes, axis=-1))

    def _smaller(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        height, width = image.shape[:2]
        if not self.side or max(height, width) <= self.side:
            return image
        import cv2

        scale = self.side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def one_stain(image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns [H, W] of a grey image or of a coloured picture of one stain.

    Release 18 shows each stain in its own colour: the brightest plane holds it, for yellow too.
    """
    return image if image.ndim == 2 else np.asarray(image.max(axis=-1))
