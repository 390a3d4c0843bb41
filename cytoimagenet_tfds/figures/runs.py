"""What a training leaves: its history, and how far classes lie apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cytoimagenet_tfds import errors, schema
from cytoimagenet_tfds.figures import style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_NAMED = 4  # classes named at either end
_MARKS = 20  # on a line; more of them hide the line


def draw_history(given: Material) -> Figure:
    """Loss and accuracy over the epochs, training and validation."""
    table = _read(given.history, "--history", ("epoch", "loss", "val_loss"))
    shown = [n for n in ("loss", "accuracy", "macro_f1") if f"val_{n}" in table and n in table]
    figure = style.new(3.6 * len(shown), 2.8)
    every = max(1, len(table) // _MARKS)
    for axes, name in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        axes.plot(table["epoch"] + 1, table[name], color=style.COLOURS[0], marker="o",
                  markersize=3, markevery=every, label="training")  # fmt: skip
        axes.plot(table["epoch"] + 1, table[f"val_{name}"], color=style.COLOURS[1], marker="^",
                  markersize=3, markevery=every, linestyle="--", label="validation")  # fmt: skip
        axes.set(xlabel="epoch", ylabel=name.replace("macro_f1", "macro F1"))
        axes.set_ylim(bottom=0)
        style.whole_numbers(axes.xaxis)
        axes.legend()
    return figure


def draw_diversity(given: Material) -> Figure:
    """Distances within a class against those to all others; the furthest from it are named."""
    table = _read(given.distances, "--distances", ("label", "within", "between"))
    table = table.dropna(subset=["within", "between"])
    if table.empty:
        raise UnavailableError("no class has both distances")
    figure = style.new(5.6 if "category" in table else 4.6, 4)
    axes = figure.subplots()
    _points(axes, table)
    axes.margins(0.08)
    axes.autoscale_view()
    axes.autoscale(False)
    axes.axline((0, 0), slope=1, color="0.6", linewidth=0.8, zorder=0)
    apart = table["between"] - table["within"]
    order = apart.sort_values().index
    _name(axes, table.loc[sorted({*order[:_NAMED], *order[-_NAMED:]})])
    axes.set(xlabel="mean cosine distance within the class",
             ylabel="mean cosine distance to all other classes")  # fmt: skip
    axes.set_title(
        "One mark per class: "
        f"{(apart > 0).sum():,} of {len(table):,} are closer to themselves than to others"
    )
    return figure


def _points(axes: Axes, table: pd.DataFrame) -> None:
    """Draws a mark per class, those of a category in one look where the categories are known."""
    if "category" not in table:
        table = table.assign(category="")
    marks = dict(zip(schema.CATEGORIES, style.MARKERS, strict=True))
    present = table["category"].unique().tolist()
    for name in sorted(present, key=[*schema.CATEGORIES, *present].index):
        own = table[table["category"] == name]
        axes.scatter(own["within"], own["between"], s=14, alpha=0.7, linewidths=0, label=name,
                     color=style.BY_CATEGORY.get(name, style.COLOURS[0]),
                     marker=marks.get(name, "o"))  # fmt: skip
    if table["category"].nunique() > 1:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="category")


def _name(axes: Axes, rows: pd.DataFrame) -> None:
    """Writes labels beside points, one above the other where points are close.

    On the right half they end at their points, so that none runs out of the figure.
    """
    bottom, top = axes.get_ylim()
    middle = sum(axes.get_xlim()) / 2
    least, last = (top - bottom) / 30, bottom
    for row in rows.sort_values("between").itertuples():
        last = max(float(str(row.between)), last + least)
        place = float(str(row.within))
        side = "right" if place > middle else "left"
        aside = -4 if place > middle else 4
        axes.annotate(str(row.label), (place, last), (aside, 0), va="center", ha=side,
                      textcoords="offset points", fontsize=6.5)  # fmt: skip


def _read(path: Path | None, option: str, columns: tuple[str, ...]) -> pd.DataFrame:
    if path is None:
        raise UnavailableError(f"give the CSV file of a training with {option}")
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise errors.TableError(f"{path} cannot be read: {error}") from error
    missing = [name for name in columns if name not in table]
    if missing:
        raise errors.TableError(
            f"{path} has no column {', '.join(missing)}; it has {', '.join(table.columns)}."
        )
    return table
