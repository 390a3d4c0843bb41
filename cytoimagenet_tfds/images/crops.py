"""Where crops lie: one window in each of up to four quadrants, at different scales."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np

from cytoimagenet_tfds import errors

Protocol = Literal["default", "paper"]
PROTOCOLS: tuple[str, ...] = get_args(Protocol)

MIN_SIDE = 70
"""Pixels a crop has at least on each side."""

SCALES = (1 / 2, 1 / 4, 1 / 8, 1 / 16)
"""Sides of a crop in parts of the image's sides."""

MAX_CROPS = 4


class Window(NamedTuple):
    """A rectangle of pixels: image[y_min:y_max, x_min:x_max].

    Attributes:
      y_min: first row.
      y_max: row after the last.
      x_min: first column.
      x_max: column after the last.
      scaling: its sides in parts of the image's sides, before rounding down.
    """

    y_min: int
    y_max: int
    x_min: int
    x_max: int
    scaling: float

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns, as an index."""
        return slice(self.y_min, self.y_max), slice(self.x_min, self.x_max)


def crop_windows(
    shape: tuple[int, ...],
    count: int,
    rng: np.random.Generator,
    protocol: str = "default",
    min_side: int = MIN_SIDE,
) -> list[Window]:
    """Draws the crops of one image.

    The image is cut into four quadrants that begin at row 0 or floor(height / 2) and column 0 or
    floor(width / 2). Each window lies in a quadrant of its own, drawn at random. Its scale is one
    of 1/2, 1/4, 1/8 and 1/16 of the image, as far as the crop has `min_side` pixels on both sides,
    sides rounded down. At scale 1/2 the window is the whole quadrant (of odd sides, all but the
    last row or column), at others it lies anywhere inside it.

    With protocol 'default' no scale comes twice while there are enough that fit, and then all
    come equally often. With 'paper' each window draws its scale independently.

    Args:
      shape: (height, width, ...) of the image.
      count: windows wanted, 0 to 4.
      rng: source of all choices. Windows do not depend on `count`: the first two of four are
        those that a count of two gives.
      protocol: 'default' or 'paper'.
      min_side: pixels a crop has at least on each side.

    Returns:
      `count` windows, or none for an image too small: under 2 * `min_side` pixels on a side.

    Raises:
      errors.ConfigError: a count outside 0 to 4, an unknown protocol, a min_side below 1.
    """
    _check(count, protocol, min_side)
    height, width = shape[:2]
    fitting = [s for s in SCALES if min(int(height * s), int(width * s)) >= min_side]
    if not fitting or not count:
        return []
    quadrants = rng.permutation(MAX_CROPS)
    scales = _scales(fitting, rng, protocol)
    places = rng.random((MAX_CROPS, 2))
    windows = []
    for quadrant, scale, (down, right) in zip(quadrants, scales, places, strict=True):
        row, column = divmod(int(quadrant), 2)
        y_min, y_max = _side(height, row, scale, float(down))
        x_min, x_max = _side(width, column, scale, float(right))
        windows.append(Window(y_min, y_max, x_min, x_max, scale))
    return windows[:count]


def _scales(fitting: list[float], rng: np.random.Generator, protocol: str) -> list[float]:
    """Returns a scale for each of four windows."""
    if protocol == "paper":
        return [fitting[i] for i in rng.integers(len(fitting), size=MAX_CROPS)]
    order = rng.permutation(len(fitting))
    return [fitting[order[i % len(fitting)]] for i in range(MAX_CROPS)]


def _side(length: int, half: int, scale: float, place: float) -> tuple[int, int]:
    """Returns first and end index on one axis; `place` in [0, 1) says where inside the half."""
    size, room = int(length * scale), length // 2
    start = half * room + int(place * (room - size + 1))
    return start, start + size


def _check(count: int, protocol: str, min_side: int) -> None:
    problems = errors.Problems()
    if not 0 <= count <= MAX_CROPS:
        problems.add(f"count: expected 0 to {MAX_CROPS}, found {count}.")
    if protocol not in PROTOCOLS:
        problems.add(errors.unknown_name("crop protocol", protocol, PROTOCOLS))
    if min_side < 1:
        problems.add(f"min_side: expected 1 or more, found {min_side}.")
    problems.raise_if_any(errors.ConfigError, "These crops cannot be drawn:")
