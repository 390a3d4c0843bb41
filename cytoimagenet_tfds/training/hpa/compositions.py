"""Ways to make a picture for a network from the four stains red, green, blue, yellow.

A composition is a table of shares: one row per stain, one column per channel of the picture. The
functions map [B, H, W, 4] uint8, a NumPy array or a TensorFlow tensor, to [B, H, W, 3] uint8, or 4
for `rgby`; a recipe names one as `compose`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Shares = tuple[tuple[float, ...], ...]

# Rows: red, green, blue, yellow. Columns: channels of the picture.
COMPOSITIONS: dict[str, Shares] = {
    # Red and blue merged to grey, green laid over it.
    "grey_green": ((0.5, 0.5, 0.5), (0, 1, 0), (0.5, 0.5, 0.5), (0, 0, 0)),
    # Red and blue at half their strength.
    "damped": ((0.5, 0, 0), (0, 1, 0), (0, 0, 0.5), (0, 0, 0)),
    # Green counted twice.
    "double_green": ((1, 0, 0), (0, 2, 0), (0, 0, 1), (0, 0, 0)),
    # The three stains as they are.
    "rgb": ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)),
    # All four stains, for a network whose first layer takes four.
    "rgby": ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)),
}
# Four channels for the eye: yellow light is red and green.
SHOWN: Shares = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0))


def grey_green(images: Any) -> Any:
    """Red and blue merged to grey, green laid over it."""
    return mixed(images, COMPOSITIONS["grey_green"])


def damped(images: Any) -> Any:
    """Red and blue at half their strength, green as it is."""
    return mixed(images, COMPOSITIONS["damped"])


def double_green(images: Any) -> Any:
    """Red and blue as they are, green twice."""
    return mixed(images, COMPOSITIONS["double_green"])


def rgb(images: Any) -> Any:
    """Red, green and blue as they are."""
    return mixed(images, COMPOSITIONS["rgb"])


def rgby(images: Any) -> Any:
    """All four stains as they are."""
    return images


def mixed(images: Any, shares: Shares) -> Any:
    """Returns the channels of a picture: sums of stains by their shares, clipped at 255.

    Args:
      images: [..., 4] uint8, NumPy or TensorFlow.
      shares: four rows.

    Returns:
      [..., columns of `shares`] uint8 of the same library, halves rounded to even.
    """
    matrix = np.array(shares, dtype=np.float32)
    if isinstance(images, np.ndarray):
        return np.clip(np.rint(images.astype(np.float32) @ matrix), 0, 255).astype(np.uint8)
    import tensorflow as tf

    mixture = tf.tensordot(tf.cast(images, tf.float32), matrix, axes=1)
    return tf.cast(tf.clip_by_value(tf.round(mixture), 0, 255), tf.uint8)
