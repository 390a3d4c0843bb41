"""Pictures of one image side by side: its stains and compositions, and several resolutions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds.training import plots
from cytoimagenet_tfds.training.hpa import compositions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pixels = npt.NDArray[np.uint8]
# Row and column where a part begins, in parts of the image's sides.
Corner = tuple[float, float]

PROTEIN = 1  # number of the green channel
_PLACES = 7  # in each direction where the enlarged part may lie
_STAINS = ("red: microtubules", "green: the protein", "blue: nucleus", "yellow: ER")
_TITLES = {
    "grey_green": "red and blue merged to grey,\ngreen laid over it",
    "damped": "red and blue at half,\ngreen as it is",
    "double_green": "green twice,\nred and blue as they are",
}
_WIDE = 2.75  # inches of a picture


def draw_compositions(image: Pixels, path: Path, name: str) -> None:
    """Draws the four stains of one image in grey, and below what the compositions make of them.

    Args:
      image: [H, W, 4] uint8: red, green, blue, yellow.
      path: file to write.
      name: of the image.
    """
    figure = plots.new_figure(4 * _WIDE, 6.4)
    rows = figure.subplots(2, 4)
    for number, (axes, stain) in enumerate(zip(rows[0], _STAINS, strict=True)):
        _show(axes, image[..., number], stain)
    for axes, (composition, text) in zip(rows[1], _TITLES.items(), strict=False):
        made = compositions.mixed(image, compositions.COMPOSITIONS[composition])
        _show(axes, made, f"{composition}\n{text}")
    shown = compositions.mixed(image, compositions.SHOWN)
    _show(rows[1][3], shown, "rgby\nfour channels; yellow shown\nas red and green")
    figure.suptitle(
        f"{name}: its four stains, and what a composition makes of them for a network", fontsize=10
    )
    plots.save(figure, path)


def draw_resolutions(images: Sequence[Pixels], path: Path, name: str, share: float = 0.25) -> None:
    """Draws one field at several resolutions: whole, a part enlarged, the protein there in grey.

    The part is the one where the protein differs most in the largest image; a frame shows it.

    Args:
      images: [H, W, 4] uint8 each, the same field.
      path: file to write.
      name: of the field.
      share: side of the part relative to the image.
    """
    corner = richest(max(images, key=len)[..., PROTEIN], share)
    figure = plots.new_figure(max(len(images), 2) * _WIDE, 3 * _WIDE + 1.2)
    columns = figure.subplots(3, len(images), squeeze=False).T
    for (whole, enlarged, grey), image in zip(columns, images, strict=True):
        shown = compositions.mixed(image, compositions.SHOWN)
        _show(whole, shown, f"{image.shape[1]:,} x {image.shape[0]:,} pixels")
        _frame(whole, image, corner, share)
        pixels = part(shown, corner, share)
        _show(enlarged, pixels, f"in the frame: {pixels.shape[1]:,} x {pixels.shape[0]:,}")
        _show(grey, part(image[..., PROTEIN], corner, share), "the protein alone")
    figure.suptitle(f"{name}\n{', '.join(_STAINS[:2])},\n{', '.join(_STAINS[2:])}", fontsize=9)
    plots.save(figure, path)


def richest(plane: Pixels, share: float) -> Corner:
    """Returns where the part of an image lies whose values deviate most.

    Args:
      plane: [H, W].
      share: side of the part relative to the image.
    """
    places = np.linspace(0, 1 - share, _PLACES).tolist()
    corners = [(down, right) for down in places for right in places]
    return max(corners, key=lambda corner: float(part(plane, corner, share).std()))


def part(image: Pixels, corner: Corner, share: float) -> Pixels:
    """Returns a part of an image, `share` of each side, at least one pixel."""
    (top, high), (left, wide) = _spans(image, corner, share)
    return image[top : top + high, left : left + wide]


def _spans(image: Pixels, corner: Corner, share: float) -> list[tuple[int, int]]:
    """Returns first pixel and number of pixels of a part, for rows and columns."""
    sides = list(zip(image.shape[:2], corner, strict=True))
    return [(min(round(side * at), side - 1), max(1, round(side * share))) for side, at in sides]


def _frame(axes: Axes, image: Pixels, corner: Corner, share: float) -> None:
    from matplotlib.patches import Rectangle

    (top, high), (left, wide) = _spans(image, corner, share)
    for colour, thick in (("black", 2.4), ("white", 1.2)):
        axes.add_patch(
            Rectangle((left - 0.5, top - 0.5), wide, high, fill=False, color=colour, lw=thick)
        )


def _show(axes: Axes, image: npt.NDArray[Any], title: str) -> None:
    grey: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axes.imshow(image, interpolation="nearest", **grey)
    axes.set_title(title, fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
