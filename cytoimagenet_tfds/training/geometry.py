"""Resize, rotation, flips, zoom and shift of an image as one affine map.

One map means one interpolation: nothing is blurred twice, and a rotated image costs no more than a
resized one. The functions do arithmetic only, so they take NumPy numbers and TensorFlow tensors.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from cytoimagenet_tfds.training.recipe import Augmentation

DRAWS = 8  # random numbers that one image takes


@dataclasses.dataclass(frozen=True)
class Drawn:
    """One draw of the augmentation: angle in radians, mirror signs, zoom, shifts, tone."""

    angle: Any
    mirror_x: Any
    mirror_y: Any
    zoom: Any
    shift_x: Any
    shift_y: Any
    brightness: Any
    contrast: Any


def draw(augmentation: Augmentation, uniform: Any, library: Any) -> Drawn:
    """Turns random numbers into one draw.

    Args:
      augmentation: the ranges.
      uniform: [DRAWS] float, evenly in [0, 1).
      library: `numpy` or `tensorflow.math`, for `exp` and `sign`.

    Returns:
      The draw; brightness in grey levels (0 to 255).
    """
    either = uniform * 2 - 1  # [-1, 1)
    signs = library.sign(either + 1e-9) if augmentation.flips else uniform * 0 + 1
    return Drawn(
        angle=uniform[0] * math.radians(augmentation.rotation),
        mirror_x=signs[1],
        mirror_y=signs[2],
        zoom=library.exp(either[3] * math.log(augmentation.zoom)),
        shift_x=either[4] * augmentation.shift,
        shift_y=either[5] * augmentation.shift,
        brightness=either[6] * augmentation.brightness * 255,
        contrast=1 + either[7] * augmentation.contrast,
    )


def coefficients(drawn: Drawn, height: Any, width: Any, size: int, library: Any) -> list[Any]:
    """Returns the map from a pixel of the result to a place in the source.

    Pixel centres lie at half-integer positions, as in `tf.image.resize`: without augmentation the
    map is exactly its bilinear resize.

    Args:
      drawn: the draw.
      height: rows of the source.
      width: columns of the source.
      size: side of the result, pixels.
      library: `numpy` or `tensorflow.math`, for `cos` and `sin`.

    Returns:
      (a, b, c, d, e, f): column a * x + b * y + c and row d * x + e * y + f of the source, both
      counted from 0 at the centre of the first pixel.
    """
    cosine, sine = library.cos(drawn.angle), library.sin(drawn.angle)
    across, down = width / (drawn.zoom * size), height / (drawn.zoom * size)
    a, b = drawn.mirror_x * cosine * across, -drawn.mirror_x * sine * across
    d, e = drawn.mirror_y * sine * down, drawn.mirror_y * cosine * down
    middle = 0.5 - size / 2
    c = width * (0.5 + drawn.shift_x) - 0.5 + (a + b) * middle
    f = height * (0.5 + drawn.shift_y) - 0.5 + (d + e) * middle
    return [a, b, c, d, e, f]
