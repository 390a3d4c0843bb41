"""Pixels to PNG bytes, fast."""

from __future__ import annotations

from typing import Any

import cv2
import imagecodecs
import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import png_pixels

_TO_OPENCV = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}  # its order of channels


def encode_png(image: convert.Array) -> bytes:
    """Encodes an image without loss.

    Args:
      image: uint8 or uint16, [H, W] or [H, W, C] with C of 1 to 4 (grey, grey and alpha, RGB,
        RGBA).

    Returns:
      The bytes of a PNG file.

    Raises:
      errors.ImageError: 'unsupported' for another type or shape.
    """
    samples = image.shape[2] if image.ndim == 3 else 1
    usable = image.ndim in (2, 3) and image.size and 1 <= samples <= 4
    if not usable or image.dtype not in (np.uint8, np.uint16):
        raise errors.ImageError(
            "unsupported",
            "PNG: expected uint8 or uint16, [H, W] or [H, W, 1 to 4], found "
            f"{image.dtype} {image.shape}.",
        )
    if samples == 2:  # OpenCV has no grey with alpha
        return bytes(imagecodecs.png_encode(np.ascontiguousarray(image)))
    ordered = cv2.cvtColor(image, _TO_OPENCV[samples]) if samples in _TO_OPENCV else image
    done: tuple[bool, Any] = cv2.imencode(".png", ordered)
    return bytes(done[1])


def decode_png(data: bytes) -> convert.Array:
    """Returns the pixels that `encode_png` was given, channels apart.

    Unlike `read` and `decode` it takes a fourth channel for what it is, not for transparency.

    Raises:
      errors.ImageError: 'unreadable' where the bytes are no whole PNG file.
    """
    try:
        return png_pixels.decode(data)
    except (imagecodecs.PngError, ValueError) as error:
        raise errors.ImageError("unreadable", f"PNG: {error}") from error
