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
      examples: examples of a multichannel dataset, as `tfds.data_source` gives them: `image`
        [H, W, C] uint8 or uint16, and for uint16 `low` and `high`, [C] each.
      side: height and width of the result, pixels; images are resized, shrunk ones by area.
      most: channels of the result.

    Returns:
      [N, most, side, side] float32 in [0, 1], zeros where there is no channel, and [N, most] bool,
      True where there is one. uint16 pixels are stretched between `low` and `high` of the example.

    Raises:
      errors.ConfigError: `side` or `most` is not a positive number, or an image has no or more than
        `most` channels, is not as described, or has no `low` and `high` for its channels.
    """
    for name, value in (("side", side), ("most", most)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise errors.ConfigError(f"{name}: expected a whole number above 0, found {value!r}.")
    pixels = np.zeros((len(examples), most, side, side), np.float32)
    mask = np.zeros((len(examples), most), np.bool_)
    for number, example in enumerate(examples):
        image = _image(example, most)
        planes = _stretched(np.ascontiguousarray(np.moveaxis(image, -1, 0)), example)
        for channel, plane in enumerate(planes):
            pixels[number, channel] = _resized(plane, side)
        mask[number, : len(planes)] = True
    return pixels, mask


def bag(pixels: Floats, mask: Flags) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Takes the channels of a batch apart.

    Args:
      pixels: [N, M, H, W] as from `pad_channels`.
      mask: [N, M] bool.

    Returns:
      [K, H, W], every channel by itself, and [K], the number of the image each belongs to.

    Raises:
      errors.ConfigError: the two do not belong together.
    """
    if mask.dtype != np.bool_ or mask.shape != pixels.shape[:2]:
        raise errors.ConfigError(
            f"mask: expected {pixels.shape[:2]} bool for pixels {pixels.shape}, found {mask.shape} "
            f"{mask.dtype}."
        )
    return pixels[mask], np.nonzero(mask)[0]


def _image(example: Mapping[str, Any], most: int) -> npt.NDArray[Any]:
    if "image" not in example:
        raise errors.ConfigError(f"{_key(example)}: the example has no image.")
    image = np.asarray(example["image"])
    right = image.ndim == 3 and image.size and image.shape[2] <= most
    if not right or image.dtype not in (np.uint8, np.uint16):
        raise errors.ConfigError(
            f"{_key(example)}: the image is {image.shape} {image.dtype}, expected [H, W, C] uint8 "
            f"or uint16 of 1 to {most} channels."
        )
    return image


def _stretched(planes: npt.NDArray[Any], example: Mapping[str, Any]) -> Floats:
    """Returns [C, H, W] in [0, 1]."""
    if planes.dtype == np.uint8:
        return planes.astype(np.float32) / np.float32(255)
    low, high = (np.asarray(example.get(name, ()), np.float64) for name in ("low", "high"))
    if not low.shape == high.shape == planes.shape[:1]:
        raise errors.ConfigError(
            f"{_key(example)}: the image has {len(planes)} channels of uint16, and low and high "
            f"are {low.shape} and {high.shape}: expected one number for each channel."
        )
    low, high = low[:, None, None], high[:, None, None]
    width = np.where(high > low, high - low, np.inf)  # a constant channel is black
    stretched: Floats = np.clip((planes - low) / width, 0, 1).astype(np.float32)
    return stretched


def _resized(plane: Floats, side: int) -> Floats:
    """Returns [side, side]; one channel, as OpenCV shrinks at most four at a time by area."""
    import cv2

    height, width = (min(length, side) for length in plane.shape)
    if plane.shape != (height, width):
        plane = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))
    if plane.shape != (side, side):
        plane = np.asarray(cv2.resize(plane, (side, side), interpolation=cv2.INTER_LINEAR))
    return plane


def _key(example: Mapping[str, Any]) -> str:
    key = example.get("key", b"")
    return key.decode() if isinstance(key, bytes) else str(key)
