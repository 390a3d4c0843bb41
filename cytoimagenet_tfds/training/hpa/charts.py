"""Charts of the Human Protein Atlas task: images of each label, scores of each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cytoimagenet_tfds.training import plots

if TYPE_CHECKING:
    import pandas as pd

BEFORE, AFTER = "#4477aa", "#ddaa33"
# How people call the ways to choose thresholds.
_WAYS = {
    "half": "0.5 for all labels", "constant": "one value for all labels",
    "per_label": "one per label", "by_share": "by the shares of the labels",
}  # fmt: skip


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
      path: file to write.
      after: images of each in an epoch once rare ones are copied; drawn beside the first.
      title: of the figure.
    """
    order = np.argsort(-np.asarray(counts), kind="stable")
    names = [labels[n] for n in order]
    figure = plots.new_figure(8, 1.6 + (0.34 if after else 0.26) * len(names))
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
    axes.set(
        xlim=(0.8, top * 2.2), ylim=(len(names) - 0.4, -0.6), xlabel="images, logarithmic scale"
    )
    axes.set_yticks(places, names, fontsize=8)
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if after:
        figure.legend(frameon=False, loc="outside lower center", ncols=2, fontsize=8)
    plots.save(figure, path)


def draw_scores(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Draws F1 of each label on the test split as marks, one look per way to choose thresholds.

    Args:
      tables: name of the way -> columns `label`, `images`, `f1`; the same labels in each. Labels
        without images are left out.
      path: file to write.
    """
    first = next(iter(tables.values()))
    images = first["images"].to_numpy()
    order = [n for n in np.argsort(-images, kind="stable") if images[n]]
    figure = plots.new_figure(8, 1.9 + 0.34 * len(order))
    axes = figure.subplots()
    colours, marks = ("#4477aa", "#cc6677", "#ddaa33", "#117733"), "osD^"
    for number, (name, table) in enumerate(tables.items()):
        axes.scatter(
            table["f1"].to_numpy()[order], np.arange(len(order)) + 0.2 * (number - 1.5), s=18,
            color=colours[number % 4], marker=marks[number % 4], label=_WAYS.get(name, name),
            clip_on=False,
        )  # fmt: skip
    names = [f"{first['label'].iloc[n]} ({images[n]:,})" for n in order]
    axes.set_yticks(range(len(order)), names, fontsize=8)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(order) - 0.4, -0.6), xlabel="F1 on the test split")
    axes.set_title("Labels (their test images)", fontsize=9, loc="left", x=-0.1)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside upper center", ncols=len(tables), fontsize=8,
                  title="threshold", title_fontsize=8)  # fmt: skip
    plots.save(figure, path)
