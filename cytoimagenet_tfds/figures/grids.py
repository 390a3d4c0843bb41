"""Grids of images: one of each class, many of one class, two of each category."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, schema, wording
from cytoimagenet_tfds.figures import material, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Grey, Material

_NAMED = 60  # classes up to which each has its name under its image
_OF_CLASS = 48
_SIDE = 160  # pixels of a tile
_SMALL = 72  # of one without a name
_ACROSS, _LEAST_ACROSS = 8, 4  # images in a row; places, so that a title has room
_FRAMES_ACROSS = 3  # names of colours in a row
_LETTERS = 17  # in a line below an image
_LINE = 22  # pixels of such a line, at the scale of the tiles


def one_per_class(given: Material) -> pd.DataFrame:
    """Returns the examples of the grid of classes: one of each, by category and name."""
    table = given.labelled
    chosen = table.loc[material.choose(table, 1, given.seed, "one of each class")]
    place = chosen["category"].map(schema.CATEGORIES.index)
    return chosen.assign(place=place).sort_values(["place", "label"], ignore_index=True)


def draw_classes(given: Material) -> Figure:
    """One image per class, framed in the colour of its category; named where there is room."""
    chosen = one_per_class(given)
    named = len(chosen) <= _NAMED
    labels = chosen["label"].tolist() if named else []
    title = f"One image of each of {wording.counted(len(chosen), 'class', 'classes')}"
    images, categories = given.images(chosen["key"]), chosen["category"].tolist()
    return named_grid(images, categories, labels, title)


def named_grid(
    images: Sequence[Grey], categories: Sequence[str], labels: Sequence[str], title: str
) -> Figure:
    """Returns a grid of images framed by category; small and without names for empty `labels`.

    A name too long for its image goes on in a second line; what follows a line end in a label
    stands below its name.
    """
    columns = _ACROSS if labels else math.ceil(math.sqrt(len(images) * 1.2))
    colours = [style.BY_CATEGORY[name] for name in categories]
    figure, axes = _grid(images, columns, _SIDE if labels else _SMALL, colours, labels, title)
    present = [name for name in schema.CATEGORIES if name in categories]
    _frames(axes, "category", present, [style.BY_CATEGORY[name] for name in present])
    return figure


def _frames(axes: Axes, what: str, names: Sequence[str], colours: Sequence[str]) -> None:
    """Says below a grid what the colours of the frames mean."""
    style.legend(axes, names, colours, ncols=_FRAMES_ACROSS, loc="upper left",
                 bbox_to_anchor=(-0.01, 0), title=f"frame: {what}", alignment="left")  # fmt: skip


def strip(images: Sequence[Grey], columns: int) -> Any:
    """Returns images side by side, [side, columns * side, 3]; white where there are fewer."""
    tiles = [_tile(image, _SIDE - 8, 255) for image in images]
    tiles += [np.full_like(tiles[0], 255)] * (columns - len(tiles))
    return np.hstack(
        [np.pad(tile, ((4, 4), (4, 4), (0, 0)), constant_values=255) for tile in tiles]
    )


def of_class(given: Material) -> pd.DataFrame:
    """Returns the examples of the grid of one class: that asked for, or the largest."""
    table = given.labelled
    label = given.label or str(table["label"].value_counts().sort_index().idxmax())
    if label not in set(table["label"]):
        raise errors.ConfigError(errors.unknown_name("class", label, table["label"].unique()))
    own = table[table["label"] == label]
    return own.loc[material.choose(own, _OF_CLASS, given.seed, "grid of a class")]


def draw_class(given: Material) -> Figure:
    """Images of one class, framed in the colour of their source."""
    chosen = of_class(given).sort_values(["dir_name", "key"])
    sources = sorted(chosen["dir_name"].unique())
    looks = style.look(sources)
    colours = [looks[name][0] for name in chosen["dir_name"]]
    named = len(sources) > len(style.COLOURS)  # colours would stand for several sources
    labels = chosen["dir_name"].tolist() if named else []
    images = given.images(chosen["key"])
    first = chosen.iloc[0]
    size = int((given.examples["label"] == first["label"]).sum())
    of = wording.counted(size, "image")
    title = f"{first['label']} ({first['category']}): {len(chosen)} of {of}"
    figure, axes = _grid(images, _ACROSS, _SIDE, colours, labels, title)
    if not named:
        _frames(axes, "source", sources, [looks[name][0] for name in sources])
    return figure


def two_per_category(given: Material) -> pd.DataFrame:
    """Returns two examples of one class for each category."""
    table = given.labelled
    parts = []
    for category in schema.CATEGORIES:
        own = table[table["category"] == category]
        enough = own["label"].value_counts().loc[lambda counts: counts >= 2]
        if enough.empty:
            continue
        [label] = material.choose_names(enough.index, 1, given.seed, "class of a category")
        own = own[own["label"] == label]
        parts.append(own.loc[material.choose(own, 2, given.seed, "two of a class")])
    if not parts:
        raise material.UnavailableError("no class has two images")
    return pd.concat(parts)


def draw_categories(given: Material) -> Figure:
    """Two images of one class of each category."""
    chosen = two_per_category(given)
    images = given.images(chosen["key"])
    categories = chosen["category"].unique().tolist()
    figure = style.new(max(style.WIDTH * len(categories) / 7, 3), 2.8)
    figure.suptitle("Two images of one class of each category", fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(2, len(categories), squeeze=False)
    for number, image in enumerate(images):
        axes = panels[number % 2, number // 2]
        style.picture(axes, _tile(image, _SIDE, 255))
        if number % 2 == 0:
            name = style.shortened(str(chosen["label"].iloc[number]), _LETTERS)
            colour = style.BY_CATEGORY[categories[number // 2]]
            axes.set_title(f"{categories[number // 2]}\n", color=colour, loc="center", fontsize=8)
            axes.text(0.5, 1.03, name, transform=axes.transAxes, ha="center", fontsize=7)
    return figure


def _grid(
    images: Sequence[Grey],
    columns: int,
    side: int,
    colours: Sequence[str],
    labels: Sequence[str],
    title: str,
) -> tuple[Figure, Axes]:
    """Returns a figure of images in rows, one axes in all: fast also with a thousand images.

    There are at most `columns` images in a row, and at least the place of four.
    """
    from matplotlib.colors import to_rgb

    columns = max(min(columns, len(images)), _LEAST_ACROSS)
    texts = [_wrapped(label) for label in labels]
    frame, gap = max(side // 40, 2), max(side // 20, 3)
    below = max((text.count("\n") + 1 for text in texts), default=0) * _LINE
    wide, high = side + gap, side + gap + below
    rows = math.ceil(len(images) / columns)
    canvas = np.full((rows * high, columns * wide, 3), 255, np.uint8)
    for number, (image, colour) in enumerate(zip(images, colours, strict=True)):
        top, left = number // columns * high, number % columns * wide
        canvas[top : top + side, left : left + side] = np.round(np.multiply(to_rgb(colour), 255))
        tile = _tile(image, side - 2 * frame, 255)
        canvas[top + frame : top + side - frame, left + frame : left + side - frame] = tile
    width = min(style.WIDTH, 0.9 * columns)
    heading = style.wrapped(title, width)
    lines = len(heading.split("\n")) + math.ceil(len(set(colours)) / _FRAMES_ACROSS)
    around = 0.45 + 0.16 * lines  # inches: the title, what frames mean
    figure = style.new(width, width * canvas.shape[0] / canvas.shape[1] + around)
    axes = figure.subplots()
    axes.set_title(heading)
    style.picture(axes, canvas)
    for number, text in enumerate(texts):
        place = (number % columns * wide + side / 2, number // columns * high + side + frame)
        axes.text(*place, text, ha="center", va="top", fontsize=6.5)
    return figure, axes


def _tile(image: Grey, side: int, ground: int) -> Any:
    """Returns the whole image at its own aspect, centred on a square, [side, side, 3]."""
    import cv2

    scale = side / max(image.shape)
    height, width = (max(1, round(length * scale)) for length in image.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    tile = np.full((side, side), ground, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    resized = cv2.resize(image, (width, height), interpolation=method)
    tile[top : top + height, left : left + width] = resized
    return np.repeat(tile[..., None], 3, axis=2)


def _wrapped(label: str) -> str:
    """Returns a label in lines that fit below an image: two for its name, then the rest."""
    name, *rest = label.split("\n")
    lines = textwrap.wrap(name, _LETTERS) or [""]
    more = [style.shortened(" ".join(lines[1:]), _LETTERS)] if lines[1:] else []
    return "\n".join([lines[0], *more, *rest])
