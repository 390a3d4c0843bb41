"""What happens to pixels: sizes before and after crops, the crops of one image, its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import hashing, images, schema, wording
from cytoimagenet_tfds.figures import style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_TRIED = 50  # rows looked at for the crops
_COMPARED = 12  # fields looked at for the channels
_CHANNELS_TEXT = (
    "top: as stored, grey\nvalues 0 to {white:,.0f}\nfrom black to white\n\n"
    "bottom: each stretched\nfrom its 0.1th to its\n99.9th percentile"
)


def draw_sizes(given: Material) -> Figure:
    """The longer side of images: source images, and what the dataset holds of them."""
    table = given.examples
    after = table[["height", "width"]].max(axis=1)
    source = (after / table["scaling"]).groupby(table["key"].str.split("#crop=").str[0]).max()
    edges = np.geomspace(min(after.min(), source.min()) * 0.95, source.max() * 1.05, 33)
    figure = style.new(style.WIDTH, 2.8)
    left, right = figure.subplots(1, 2, sharex=True)
    left.hist(source, bins=edges.tolist(), color=style.COLOURS[0])
    left.set_title(wording.counted(len(source), "source image"))
    scales = sorted(table["scaling"].unique(), reverse=True)
    parts = [after[table["scaling"] == scale] for scale in scales]
    colours = [*style.COLOURS, "#7f7f7f"][: len(scales)]
    names = ["whole" if s == 1 else f"crop, 1/{round(1 / s)} of the side" for s in scales]
    right.hist(parts, bins=edges.tolist(), stacked=True, color=colours, label=names)
    right.set_title(wording.counted(len(after), "image of the dataset", "images of the dataset"))
    right.legend()
    for axes in (left, right):
        axes.set(xscale="log", xlabel="longer side, pixels", ylabel="images")
        style.whole_numbers(axes.yaxis)
        _plain_ticks(axes, edges)
    return figure


def _plain_ticks(axes: Axes, edges: Any) -> None:
    from matplotlib.ticker import NullFormatter, NullLocator

    ticks = [n for n in (32, 64, 128, 256, 512, 1024, 2048, 4096) if edges[0] <= n <= edges[-1]]
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())


def draw_crops(given: Material) -> Figure:
    """The crops of one image of the dataset, drawn where they lie, and beside it as they enter.

    Each crop stands in the place of the quadrant its centre lies in, and both have its number.
    """
    row, merged, windows = _cropped(given)
    figure = style.new(style.WIDTH, 3.2)
    subfigures: Any = figure.subfigures(1, 2, width_ratios=[1.15, 1])
    left, right = subfigures
    axes = left.subplots()
    style.picture(axes, merged)
    height, width = merged.shape
    for colour, line in (("black", "-"), ("white", ":")):  # seen on dark and bright images
        axes.axhline(height // 2 - 0.5, color=colour, linewidth=0.8, linestyle=line)
        axes.axvline(width // 2 - 0.5, color=colour, linewidth=0.8, linestyle=line)
    left.suptitle(f"{width:,} x {height:,} pixels, {_windows(len(windows))}", fontsize=9)
    right.suptitle("The crops: part of the image's side, pixels", fontsize=9)
    panels = right.subplots(2, 2).ravel()
    for panel in panels:
        panel.set_axis_off()
    for window in windows:
        place = _quadrant(window, height, width)
        _outline(axes, window, place)
        pixels = merged[window.y_min : window.y_max, window.x_min : window.x_max]
        _panel(panels[place], pixels, window, place)
    figure.supxlabel(style.shortened(str(row.key), 90), fontsize=6.5)
    return figure


def _windows(count: int) -> str:
    return "one window in each quadrant" if count == 4 else wording.counted(count, "window")


def _quadrant(window: images.Window, height: int, width: int) -> int:
    """Returns 0 to 3, line by line, of the quadrant in which the centre of a window lies."""
    below = window.y_min + window.y_max > height
    right = window.x_min + window.x_max > width
    return 2 * below + right


def _outline(axes: Axes, window: images.Window, place: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (window.x_min - 0.5, window.y_min - 0.5)
    size = (window.x_max - window.x_min, window.y_max - window.y_min)
    colour = style.COLOURS[place]
    axes.add_patch(Rectangle(corner, *size, fill=False, color="white", linewidth=3.4))
    axes.add_patch(Rectangle(corner, *size, fill=False, color=colour, linewidth=2))
    axes.annotate(f"{place + 1}", corner, (4.5, -4.5), textcoords="offset points", va="top",
                  color="white", fontweight="bold", bbox={"color": colour, "pad": 1.5})  # fmt: skip


def _panel(panel: Axes, pixels: Any, window: images.Window, place: int) -> None:
    rejected = images.rejection(pixels)
    style.picture(panel, pixels if rejected else images.merge([pixels]))
    text = f"1/{round(1 / window.scaling)}: {pixels.shape[1]} x {pixels.shape[0]}"
    text = f"{place + 1}, {text}" + (f", {rejected}" if rejected else "")
    panel.set_title(text, color=style.COLOURS[place], fontsize=8, loc="center")


def _cropped(given: Material) -> tuple[Any, Any, list[images.Window]]:
    """Returns a planned row whose image gets crops, the merged image and the windows."""
    settings = images.PixelSettings()
    table = given.plan.table
    best: tuple[Any, Any, list[images.Window]] | None = None
    for row in _in_order(table[table["crops"] > 0], given.seed, "crops").head(_TRIED).itertuples():
        merged = images.merge(given.channels(row))
        rng = hashing.generator(settings.seed, "crop", str(row.key))  # as the build draws them
        windows = images.crop_windows(merged.shape, int(str(row.crops)), rng)
        if windows and (best is None or _show(merged, windows) > _show(*best[1:])):
            best = row, merged, windows
    if best is None:
        raise UnavailableError("no image of the plan is large enough for crops")
    return best


def _show(merged: Any, windows: list[images.Window]) -> tuple[int, int, float]:
    """Returns how well an image shows the rule: crops, then different scales, then a square."""
    square = min(merged.shape) / max(merged.shape)
    return len(windows), len({window.scaling for window in windows}), square


def draw_channels(given: Material) -> Figure:
    """The channels of one field as stored, stretched, and the image they are merged to."""
    table = given.plan.table
    several = table[table["files"].str.contains("|", regex=False)]
    if several.empty:
        raise UnavailableError("no image of the plan is merged from channels")
    most = several["files"].str.count(r"\|")
    candidates = _in_order(several[most == most.max()], given.seed, "channels").head(_COMPARED)
    read = [(row, given.channels(row)) for row in candidates.itertuples()]
    # The field with most to see: the largest deviation of the merged image.
    row, channels = max(read, key=lambda pair: float(images.merge(pair[1]).std()))
    names = schema.split_tokens(str(row.channels)) or ("",) * len(channels)
    figure = style.new(style.WIDTH, 1.4 + 2 * style.WIDTH / (len(channels) + 1) * 0.8)
    figure.suptitle("The channels of one field, and what they are merged to", fontsize=9, x=0.01,
                    ha="left")  # fmt: skip
    panels = figure.subplots(2, len(channels) + 1, squeeze=False)
    white = max(float(images.to_grey(channel).max()) for channel in channels)
    for column, (name, channel) in enumerate(zip(names, channels, strict=True)):
        top, bottom = panels[:, column]
        style.picture(top, images.to_grey(channel).astype(np.float64) / (white or 1) * 255)
        style.picture(bottom, images.normalize(channel) * 255)
        low, high = images.percentiles(channel)
        top.set_title(name.removeprefix("f_"), loc="center")
        bottom.set_title(f"{low:,.0f} to {high:,.0f}", loc="center", fontsize=7.5)
    panels[0, -1].set_axis_off()
    panels[0, -1].text(0.5, 0.5, _CHANNELS_TEXT.format(white=white), ha="center", va="center",
                       fontsize=7, transform=panels[0, -1].transAxes)  # fmt: skip
    style.picture(panels[1, -1], images.merge(channels))
    panels[1, -1].set_title("merged", loc="center")
    figure.supxlabel(style.shortened(str(row.key), 90), fontsize=6.5)
    return figure


def _in_order(table: pd.DataFrame, seed: int, purpose: str) -> pd.DataFrame:
    """Returns the rows in the order of hash(seed, key)."""
    return table.iloc[np.argsort(hashing.hash_keys(seed, f"figure {purpose}", table["key"]))]
