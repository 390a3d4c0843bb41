"""Images with their channels apart as arrays of one shape, for PyTorch, JAX or anything else.

Images of different sources have different channels. A model that takes one channel at a time (a bag
of channels) takes all of them; `pad_channels` makes the batches, `bag` takes them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

MOST = 8  # channels an image of a multichannel dataset can have

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def pad_channels(
    examples: Sequence[Mapping[str, Any]], side: int, most: int = MOST
) -> tuple[Floats, Flags]:
    """Makes one array of the images of a batch; shapes do not depend on what is in it.

    Args:
      examples: examples of a multichannel dataset, as `tfds.data_source` gives them.
      side: height and width of the result, pixels; images are resized, shrunk ones by area.
      most: channels of the result.

    Returns:
      [N, most, side, side] float32 in [0, 1], zeros where there is no channel, and [N, most] bool,
      True where there is one. uint16 pixels are stretched between `low` and `high` of the example.

    Raises:
      errors.ConfigError: an image has more than `most` channels, or is not [H, W, C].
    """
    pixels = np.zeros((len(examples), most, side, side), np.float32)
    mask = np.zeros((len(examples), most), np.bool_)
    for number, example in enumerate(examples):
        image = np.asarray(example["image"])
        if image.ndim != 3 or image.shape[2] > most:
            raise errors.ConfigError(
                f"{_key(example)}: the image is {image.shape}, expected [H, W, C] of at most "
                f"{most} channels."
            )
        count = image.shape[2]
        pixels[number, :count] = np.moveaxis(_resized(_stretched(image, example), side), -1, 0)
        mask[number, :count] = True
    return pixels, mask


def bag(pixels: Floats, mask: Flags) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Takes the channels of a batch apart.

    Args:
      pixels: [N, M, H, W] as from `pad_channels`.
      mask: [N, M].

    Returns:
      [K, H, W], every channel by itself, and [K], the number of the image each belongs to.
    """
    return pixels[mask], np.nonzero(mask)[0]


def _stretched(image: npt.NDArray[Any], example: Mapping[str, Any]) -> Floats:
    if image.dtype == np.uint8:
        return image.astype(np.float32) / np.float32(255)
    low, high = (np.asarray(example[name], np.float64) for name in ("low", "high"))
    width = np.where(high > low, high - low, np.inf)  # a constant channel is black
    stretched: Floats = np.clip((image - low) / width, 0, 1).astype(np.float32)
    return stretched


def _resized(image: Floats, side: int) -> Floats:
    import cv2

    height, width = image.shape[:2]
    way = cv2.INTER_AREA if min(height, width) > side else cv2.INTER_LINEAR
    done: Floats = np.asarray(cv2.resize(image, (side, side), interpolation=way), np.float32)
    return done.reshape(side, side, -1)


def _key(example: Mapping[str, Any]) -> str:
    key = example.get("key", b"")
    return key.decode() if isinstance(key, bytes) else str(key)
