"""How well features transfer: accuracy on the benchmarks by weights and method."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.figures import style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_NEEDED = ("task", "weights", "accuracy", "low", "high", "total")
_COLUMNS = 4
_LONGEST = 40  # letters of the name of weights


def draw_accuracy(given: Material) -> Figure:
    """Accuracy with Wilson's 95 % interval, a panel per task, a mark per weights and method."""
    if not given.results:
        raise UnavailableError("give results.json of an evaluation with --results")
    table = pd.concat([_read(path) for path in given.results], ignore_index=True)
    tasks = table["task"].drop_duplicates().tolist()
    weights = table["weights"].drop_duplicates().tolist()[::-1]
    looks = style.look(table["method"].drop_duplicates())
    columns = min(len(tasks), _COLUMNS)
    rows = -(-len(tasks) // columns)
    names_width = 0.055 * max(len(style.shortened(name, _LONGEST)) for name in weights)
    height = 1 + rows * (0.7 + 0.3 * len(weights))
    figure = style.new(max(2.1 * columns + names_width, 4), height)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, task in zip(panels, tasks, strict=False):
        own = table[table["task"] == task]
        _panel(axes, own, weights, looks)
        axes.set_title(f"{task} (n = {_span(own['total'])})")
    for axes in panels[len(tasks) :]:
        axes.set_axis_off()
    figure.supxlabel("accuracy, %; lines: 95 % interval (Wilson)", fontsize=8)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), title="method")
    return figure


def _span(totals: pd.Series) -> str:
    """Returns how many samples there are, of evaluations that may differ in it."""
    least, most = int(totals.min()), int(totals.max())
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _panel(
    axes: Axes, own: pd.DataFrame, weights: list[str], looks: dict[str, tuple[str, str]]
) -> None:
    for number, (method, (colour, marker)) in enumerate(looks.items()):
        lines = own[own["method"] == method]
        aside = 0.5 * ((number + 0.5) / len(looks) - 0.5)
        places = [weights.index(name) - aside for name in lines["weights"]]
        shares = 100 * lines[["accuracy", "low", "high"]].to_numpy(dtype=float)
        axes.hlines(places, shares[:, 1], shares[:, 2], color=colour, linewidth=1)
        axes.plot(shares[:, 0], places, linestyle="", marker=marker, markersize=4.5,
                  color=colour, label=method, clip_on=False)  # fmt: skip
    axes.set_yticks(range(len(weights)), [style.shortened(name, _LONGEST) for name in weights])
    axes.set(xlim=(0, 100), ylim=(-0.6, len(weights) - 0.4))
    axes.grid(axis="x", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelbottom=True)  # also above an empty place


def _read(path: Path) -> pd.DataFrame:
    """Returns the scores of one evaluation, with its method."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        table = pd.DataFrame(found["scores"])
        settings: dict[str, Any] = found["settings"]
        method = f"{settings['method']}, {settings['protocol']}"
        return table.loc[:, list(_NEEDED)].assign(method=method)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.TableError(
            f"{path} is no results.json of `cytoimagenet evaluate`: {error!r}"
        ) from error
