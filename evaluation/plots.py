"""The plots of an evaluation: accuracy, confusion, and UMAP of the features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.figures import projection, style, transfer
from cytoimagenet_tfds.figures.material import Material, UnavailableError

from . import report_files, scores
from .runs import Run
from .tasks import Result
from .views import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BACKGROUND, _GREY = ("DMSO", ""), "0.7"
_WRITTEN = 20  # classes up to which the shares are written into the fields
_SIDE_BY_SIDE = 8  # classes up to which two tasks stand side by side
_LETTER = 0.07  # inches, of a title
_LONGEST = 26  # letters of the name of a class
_DARK = 55  # per cent from which letters are white


def draw(run: Run, results: Path, out: Path) -> list[str]:
    """Writes all plots as PNG; returns a line for each kind that cannot be drawn.

    Args:
      run: what was found.
      results: `results.json` of the run.
      out: folder.
    """
    with style.settings():
        style.save(transfer.draw_accuracy(Material(results=(results,))), out / "accuracy.png")
        for name, weights, own in _by_benchmark(run):
            style.save(confusion(own, weights), out / "confusion" / f"{name}.png")
        try:
            for view in run.views:
                figure = umap(view)
                (out / "umap").mkdir(exist_ok=True)
                name = report_files.clean(f"{view.benchmark}.{Path(view.weights).name}")
                style.save(figure, out / "umap" / f"{name}.png")
        except UnavailableError as error:
            return [f"No UMAP plots: {error}"]
    return []


def _by_benchmark(run: Run) -> Iterator[tuple[str, str, list[Result]]]:
    """Yields file name, weights and results of each plot: those of a benchmark and its weights."""
    for weights in run.shown:
        groups: dict[str, list[Result]] = {}
        for result in run.results[weights]:
            groups.setdefault(" ".join(result.task.split()[:-1]) or result.task, []).append(result)
        for benchmark, own in groups.items():
            yield report_files.clean(f"{benchmark}.{Path(weights).name}"), Path(weights).name, own


def confusion(results: Sequence[Result], weights: str) -> Figure:
    """Shares of each class (line) that were taken for each class (column), a panel per task.

    Args:
      results: of one benchmark.
      weights: what made the features, for the title.
    """
    count = max(len({*result.truth, *result.predicted}) for result in results)
    longest = max(len(style.shortened(name, _LONGEST)) for r in results for name in r.truth)
    columns = min(len(results), 2 if count <= _SIDE_BY_SIDE else 1)
    rows = -(-len(results) // columns)
    heading = max(len(_title(result)) for result in results)
    inner, labels = max(0.24 * count, _LETTER * heading), 0.065 * longest
    width = columns * (inner + labels + 0.7) + 0.6
    figure = style.new(width, rows * (inner + 0.9 * labels + 0.6) + 0.25)
    figure.suptitle(style.wrapped(f"Features of {weights}", width), fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, result in zip(panels, results, strict=False):
        picture = _matrix(axes, result)
    for axes in panels[len(results) :]:
        axes.set_axis_off()
    bar = figure.colorbar(picture, ax=panels.tolist(), shrink=0.5, pad=0.02, aspect=25)
    bar.ax.tick_params(labelsize=6.5)
    bar.set_label("% of the class", fontsize=7)
    bar.outline.set_visible(False)
    return figure


def _matrix(axes: Axes, result: Result) -> Any:
    classes, counts = scores.confusion(result.truth, result.predicted)
    totals = counts.sum(axis=1, keepdims=True)
    shares = 100 * counts / np.maximum(totals, 1)
    # One hue from light to dark: it reads the same for every kind of colour vision, and in grey.
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    if len(classes) <= _WRITTEN:
        for row, column in np.argwhere(counts > 0).tolist():
            share = shares[row, column]
            text = f"{share:.0f}" if share >= 1 else "<1"
            axes.text(column, row, text, ha="center", va="center", fontsize=5.5,
                      color="white" if share > _DARK else "0.15")  # fmt: skip
    names = [style.shortened(str(name), _LONGEST) for name in classes]
    axes.set_xticks(range(len(classes)), names, rotation=60, ha="right", rotation_mode="anchor")
    lines = [f"{name} ({n:,})" for name, n in zip(names, totals[:, 0].tolist(), strict=True)]
    axes.set_yticks(range(len(classes)), lines)
    axes.tick_params(length=0, labelsize=6.5)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="predicted", ylabel="true (number)")
    axes.set_title(_title(result))
    return picture


def _title(result: Result) -> str:
    return f"{result.task}: {result.correct.sum():,} of {len(result.keys):,} right"


def umap(view: View) -> Figure:
    """The features of a benchmark in two dimensions, by class, and by batch beside it."""
    places = projection.embed(view.values, 0)
    given = [("class", view.classes), *([(view.batch, view.batches)] * bool(view.batch))]
    looks = [_look(values) for _, values in given]
    lines = max(-(-len(look) // _columns(look)) for look in looks)
    figure = style.new(style.WIDTH if len(given) > 1 else 4, 3.6 + 0.14 * lines)
    number = f"{len(places):,} of {wording.counted(view.total, view.unit)}"
    title = f"{view.benchmark}, {view.weights}, {view.normalization}: UMAP of {number}"
    figure.suptitle(title, fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(1, len(given), squeeze=False)[0]
    for axes, (title, values), look in zip(panels, given, looks, strict=True):
        _points(axes, places, values, look)
        axes.set_title(f"by {title}")
    return figure


def _points(
    axes: Axes,
    places: npt.NDArray[np.float32],
    values: npt.NDArray[np.str_],
    look: dict[str, tuple[str, str]],
) -> None:
    area = style.dot(len(places))
    for name, (colour, marker) in look.items():
        own = places[values == name]
        axes.scatter(own[:, 0], own[:, 1], s=area, color=colour, marker=marker, linewidths=0,
                     alpha=0.8, label=f"{name or 'unknown'} ({len(own):,})")  # fmt: skip
    projection.unmarked(axes)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), fontsize=6.5,
                ncols=_columns(look), handletextpad=0.1, columnspacing=0.8)  # fmt: skip


def _look(values: npt.NDArray[np.str_]) -> dict[str, tuple[str, str]]:
    """Returns colour and marker of each name; controls and what is unknown stay grey, below."""
    names = sorted(set(values.tolist()), key=_natural)
    grey = {name: (_GREY, "o") for name in names if name in _BACKGROUND}
    return grey | style.look(name for name in names if name not in _BACKGROUND)


def _columns(look: dict[str, tuple[str, str]]) -> int:
    longest = max(len(name) for name in look) + 12
    return max(1, min(4, int(3.4 * 22 / longest)))


def _natural(name: str) -> tuple[str, int, str]:
    """Sorts Week2 before Week10."""
    digits = "".join(letter for letter in name if letter.isdigit())
    head = name.rstrip("0123456789")
    return (head, int(digits) if digits and head + digits == name else 0, name)
