"""Counts: classes by category and database, images and sources behind a class, the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cytoimagenet_tfds import schema, wording
from cytoimagenet_tfds.figures import style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material


def draw_composition(given: Material) -> Figure:
    """Classes by category, and classes each database contributes to."""
    table = given.labelled
    once = table.drop_duplicates("label")
    categories = once["category"].value_counts().reindex(schema.CATEGORIES).dropna().astype(int)
    databases = table.drop_duplicates(["label", "database"])["database"].value_counts()
    lines = max(len(categories), len(databases))
    several = databases.sum() > len(once)
    figure = style.new(style.WIDTH, 1.1 + 0.25 * lines + 0.2 * several)
    left, right = figure.subplots(1, 2)
    colours = [style.BY_CATEGORY[name] for name in categories.index]
    by_name = dict(zip(categories.index, colours, strict=True))
    _bars(left, categories.sort_values(), by_name, lines)
    left.set_title(f"{wording.counted(len(once), 'class', 'classes')} by category")
    _bars(right, databases.sort_values(), {}, lines)
    right.set_title("Classes by database")
    if several:
        figure.supxlabel("A class with images of several databases counts in each.", fontsize=7)
    return figure


def _bars(axes: Axes, counts: pd.Series, colours: dict[str, str], lines: int) -> None:
    """Draws bars from the top, as thick as if there were `lines` of them."""
    shown = [colours.get(str(name), style.COLOURS[0]) for name in counts.index]
    bars = axes.barh(counts.index.astype(str), counts, height=0.65, color=shown)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=2)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.margins(x=0.15)
    axes.set_ylim(len(counts) - lines - 0.5, len(counts) - 0.5)


def draw_labels(given: Material) -> Figure:
    """Images of the sources that hold a label, against the source datasets they come from."""
    summary = given.plan.summary
    if summary is None:
        raise UnavailableError("the plan has no summary in it")
    figure = style.new(5.2, 3.6)
    axes = figure.subplots()
    rng = np.random.default_rng(given.seed)
    for category, marker in zip(schema.CATEGORIES, style.MARKERS, strict=True):
        own = [entry for entry in summary.classes if entry.category == category]
        # Many classes have the same number of sources: moved aside a little to be seen.
        places = [entry.datasets + rng.uniform(-0.15, 0.15) for entry in own]
        if own:
            axes.scatter(
                [entry.count for entry in own], places, s=16, alpha=0.8, linewidths=0,
                marker=marker, color=style.BY_CATEGORY[category],
                label=f"{category} ({len(own):,})",
            )  # fmt: skip
    axes.set(xlabel="images that hold the label, before sampling", ylabel="source datasets",
             ylim=(0.5, max(entry.datasets for entry in summary.classes) + 0.5))  # fmt: skip
    style.plain_log(axes.xaxis)
    style.whole_numbers(axes.yaxis)
    total = wording.counted(len(summary.classes), "class", "classes")
    axes.set_title(f"{total}, one mark each, moved up or down a little to be seen")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="category (classes)")
    return figure


def draw_threshold(given: Material) -> Figure:
    """How many labels have at least so many images, and where the threshold lies."""
    counts = np.sort(_label_counts(given))[::-1]
    threshold = _min_images(given)
    left = int((counts >= threshold).sum())
    figure = style.new(5, 3.4)
    axes = figure.subplots()
    # All labels have at least one image: the curve begins there.
    places = [*counts, 1], [*range(1, len(counts) + 1), len(counts)]
    axes.step(*places, where="post", color=style.COLOURS[0])
    axes.axvline(threshold, color=style.COLOURS[1], linestyle="--", linewidth=1)
    axes.set(
        xlabel="n, images", ylabel="labels with at least n images", ylim=(0, len(counts) * 1.25)
    )
    style.plain_log(axes.xaxis)
    style.whole_numbers(axes.yaxis)
    text = f"threshold {threshold:,}:\n{wording.counted(left, 'label')}"
    axes.annotate(text, (threshold, left), (5, 5), textcoords="offset points",
                  color=style.COLOURS[1])  # fmt: skip
    axes.set_title(f"{wording.counted(len(counts), 'label')} in the row tables")
    return figure


def _label_counts(given: Material) -> np.ndarray:
    if given.rows is None:
        raise UnavailableError("give the row tables with --rows")
    from cytoimagenet_tfds.curation import CurationConfig, assign
    from cytoimagenet_tfds.curation.planning import Curation

    index = Curation(given.rows, CurationConfig()).index
    return np.array([label.count for label in assign.labels(index)])


def _min_images(given: Material) -> int:
    from cytoimagenet_tfds.curation import CurationConfig

    config = given.plan.config if given.dataset is not None else None
    return (config or CurationConfig()).min_images
