"""Figures of the Human Protein Atlas task: counts, compositions, resolutions, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds.training import plots
from cytoimagenet_tfds.training.hpa import compositions

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Pixels = npt.NDArray[np.uint8]

BEFORE, AFTER = "#4477aa", "#ddaa33"
_TITLES = {
    "grey_green": "red and blue merged to grey,\ngreen laid over it",
    "damped": "red and blue at half,\ngreen as it is",
    "double_green": "green twice,\nred and blue as they are",
}


def draw_counts(
    labels: Sequence[str],
    counts: Sequence[int],
    path: Path,
    *,
    after: Sequence[int] = (),
    title: str = "",
) -> None:
    """Draws the images of each label as bars, most frequent first, on a logarithmic scale.

    Args:
      labels: names.
      counts: images of each.
      path: PNG file to write.
      after: images of each in an epoch once rare ones are copied; drawn beside the first.
      title: of the figure.
    """
    order = np.argsort(-np.asarray(counts), kind="stable")
    names = [labels[n] for n in order]
    figure = plots.new_figure(8, 1.4 + (0.34 if after else 0.26) * len(names))
    axes = figure.subplots()
    places = np.arange(len(names))
    series = [(np.asarray(counts)[order], BEFORE, "images")]
    if after:
        series.append((np.asarray(after)[order], AFTER, "in an epoch, with copies"))
    height = 0.8 / len(series)
    for number, (values, colour, text) in enumerate(series):
        offset = (number - (len(series) - 1) / 2) * height
        axes.barh(places + offset, values, height * 0.92, color=colour, label=text)
        for place, value in zip(places, values, strict=True):
            axes.text(value * 1.06 + 0.05, place + offset, f"{value:,}", va="center", fontsize=7)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    top = max(max(values.max() for values, _, _ in series), 10)
    axes.set(xlim=(0.8, top * 2.2), ylim=(len(names) - 0.4, -0.6), xlabel="images")
    axes.set_yticks(places, names, fontsize=8)
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if after:
        axes.legend(frameon=False, loc="lower right", fontsize=8)
    plots.save(figure, path)


def draw_compositions(image: Pixels, path: Path, title: str = "") -> None:
    """Draws the four stains of one image in grey, and below what the compositions make of them.

    Args:
      image: [H, W, 4] uint8: red, green, blue, yellow.
      path: PNG file to write.
      title: of the figure.
    """
    figure = plots.new_figure(11, 6.2)
    rows = figure.subplots(2, 4)
    stains = ("red: microtubules", "green: the protein", "blue: nucleus", "yellow: ER")
    for number, (axes, name) in enumerate(zip(rows[0], stains, strict=True)):
        _show(axes, image[..., number], name)
    for axes, (name, text) in zip(rows[1], _TITLES.items(), strict=False):
        made = compositions.mixed(image, compositions.COMPOSITIONS[name])
        _show(axes, made, f"{name}\n{text}")
    shown = compositions.mixed(image, compositions.SHOWN)
    _show(rows[1][3], shown, "rgby\nfour channels; yellow shown\nas red and green")
    figure.suptitle(title, fontsize=10)
    plots.save(figure, path)


def draw_resolutions(low: Pixels, high: Pixels, path: Path, share: float = 0.25) -> None:
    """Draws one image at two resolutions: whole, and the middle of each enlarged.

    Args:
      low: [h, w, 4] uint8.
      high: [H, W, 4] uint8, the same field.
      path: PNG file to write.
      share: side of the enlarged part relative to the image.
    """
    figure = plots.new_figure(8.4, 8.8)
    rows = figure.subplots(2, 2)
    for column, image in enumerate((low, high)):
        shown = compositions.mixed(image, compositions.SHOWN)
        height, width = image.shape[:2]
        _show(rows[0][column], shown, f"{width} x {height} pixels")
        part = middle(shown, share)
        _show(rows[1][column], part, f"its middle, {part.shape[1]} x {part.shape[0]} pixels")
    plots.save(figure, path)


def middle(image: Pixels, share: float) -> Pixels:
    """Returns the middle of an image, `share` of each side, at least one pixel."""
    spans = [max(1, round(side * share)) for side in image.shape[:2]]
    starts = [(side - span) // 2 for side, span in zip(image.shape[:2], spans, strict=True)]
    return image[starts[0] : starts[0] + spans[0], starts[1] : starts[1] + spans[1]]


def draw_scores(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Draws F1 of each label as dots, one colour per way to choose thresholds.

    Args:
      tables: name of the way -> columns `label`, `images`, `f1`; the same labels in each. Labels
        without images are left out.
      path: PNG file to write.
    """
    first = next(iter(tables.values()))
    images = first["images"].to_numpy()
    order = [n for n in np.argsort(-images, kind="stable") if images[n]]
    figure = plots.new_figure(8, 1.6 + 0.26 * len(order))
    axes = figure.subplots()
    colours, marks = ("#4477aa", "#cc6677", "#ddaa33", "#117733"), "osD^"
    for number, (name, table) in enumerate(tables.items()):
        axes.scatter(
            table["f1"].to_numpy()[order], np.arange(len(order)) + 0.16 * (number - 1.5), s=22,
            color=colours[number % 4], marker=marks[number % 4], label=name,
        )  # fmt: skip
    names = [f"{first['label'].iloc[n]} ({images[n]:,})" for n in order]
    axes.set_yticks(range(len(order)), names, fontsize=8)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(order) - 0.4, -0.6), xlabel="F1 (images in brackets)")
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside upper center", ncols=len(tables), fontsize=8)
    plots.save(figure, path)


def _show(axes: Axes, image: npt.NDArray[Any], title: str) -> None:
    grey: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axes.imshow(image, interpolation="nearest", **grey)
    axes.set_title(title, fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
