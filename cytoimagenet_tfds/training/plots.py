"""Plots of a run as PNG files: history, accuracy of classes, calibration, confusions."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.training.history import Row
from cytoimagenet_tfds.training.scores import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_CONFUSED = 25  # classes in the matrix
_TRAIN, _VALIDATION = "#4477aa", "#cc6677"
# Beginning of a column of the history -> how its line looks; told apart without colours, too.
_LOOKS: dict[str, dict[str, Any]] = {
    "": {"color": _TRAIN, "marker": ".", "label": "training"},
    "val_": {"color": _VALIDATION, "marker": "^", "ms": 4, "ls": "--", "label": "validation"},
}
_FORMATS = ("png", "svg", "pdf")


def available() -> bool:
    """Whether matplotlib is installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def draw_history(rows: Sequence[Row], path: Path) -> None:
    """Draws loss and accuracy, or macro F1 at 0.5, over the epochs, training and validation."""
    figure = new_figure(9, 3.6)
    from matplotlib.ticker import MaxNLocator

    panels = figure.subplots(1, 2)
    epochs = [int(row["epoch"]) + 1 for row in rows]
    names = ("loss", "macro_f1" if "macro_f1" in rows[0] else "accuracy")
    for axes, name in zip(panels, names, strict=True):
        for prefix, look in _LOOKS.items():
            axes.plot(epochs, [row[prefix + name] for row in rows], **look)
        axes.set(xlabel="epoch", ylabel=name.replace("macro_f1", "macro F1"))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(bottom=0)
        _plain(axes)
    panels[0].legend(frameon=False)
    save(figure, path)


def draw_class_accuracy(scores: Scores, path: Path) -> None:
    """Draws the histogram of the accuracy of classes."""
    accuracy = scores.classes["accuracy"].dropna()
    figure = new_figure(6, 3.6)
    from matplotlib.ticker import MaxNLocator

    axes = figure.subplots()
    axes.hist(accuracy, bins=np.linspace(0, 1, 21).tolist(), color=_VALIDATION, edgecolor="white")
    none = len(scores.none_right)
    axes.set(xlabel="accuracy of a class on its validation images", ylabel="classes")
    count = wording.counted(len(accuracy), "class", "classes")
    axes.set_title(f"{count}, {none:,} with none right", fontsize=10)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _plain(axes)
    save(figure, path)


def draw_calibration(scores: Scores, path: Path) -> None:
    """Draws accuracy against confidence; the area of a dot grows with its images."""
    bins = scores.calibration
    figure = new_figure(4.6, 4.6)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot(bins["confidence"], bins["accuracy"], color=_VALIDATION, linewidth=1)
    areas = 20 + 380 * bins["images"] / max(bins["images"].max(), 1)
    axes.scatter(bins["confidence"], bins["accuracy"], s=areas, color=_VALIDATION, alpha=0.7)
    axes.set(
        xlabel="probability of the predicted class",
        ylabel="accuracy",
        xlim=(0, 1.03),
        ylim=(-0.03, 1.03),
    )
    count = wording.counted(int(bins["images"].sum()), "validation image")
    axes.set_title(
        f"calibration error {scores.calibration_error:.3f}, {count}\n"
        "area of a dot: its images; grey line: accuracy as predicted", fontsize=9,
    )  # fmt: skip
    _plain(axes)
    save(figure, path)


def draw_confusions(predictions: pd.DataFrame, scores: Scores, path: Path) -> None:
    """Draws the matrix of the classes that are confused most, each row as shares of its label."""
    labels = most_confused(scores)
    if not labels:
        return
    table = pd.crosstab(predictions["label"], predictions["predicted"])
    sizes = predictions["label"].value_counts().reindex(labels).fillna(1).to_numpy()
    matrix = table.reindex(index=labels, columns=labels, fill_value=0).to_numpy() / sizes[:, None]
    side = 2.8 + 0.26 * len(labels)
    figure = new_figure(side + 0.6, side)
    axes = figure.subplots()
    shown = axes.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=90, fontsize=7)
    axes.set_yticks(places, labels, fontsize=7)
    axes.set(xlabel="predicted", ylabel="true")
    of = wording.counted(len(scores.classes), "class", "classes")
    axes.set_title(f"The {len(labels)} classes confused most, of {of}", fontsize=10)
    figure.colorbar(shown, ax=axes, fraction=0.046, label="share of the label's images")
    save(figure, path)


def most_confused(scores: Scores) -> list[str]:
    """Returns the classes of the largest confusions, at most 25, sorted."""
    found: list[str] = []
    for row in scores.confusions.itertuples():
        pair = [name for name in (str(row.label), str(row.predicted)) if name not in found]
        if len(found) + len(pair) > _MOST_CONFUSED:
            break
        found += pair
    return sorted(found)


def new_figure(width: float, height: float) -> Figure:
    """Returns an empty figure of this size in inches; ConfigError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise errors.ConfigError(
            f"Plots need matplotlib ({error}): pip install 'cytoimagenet-tfds[viz]'"
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def save(figure: Figure, path: Path) -> None:
    """Writes a figure in the format of the path's ending, whole or not at all.

    Raises:
      ConfigError: the ending is of no format that can be written.
    """
    form = path.suffix[1:].lower()
    if form not in _FORMATS:
        raise errors.ConfigError(errors.unknown_name("format of figures", form, _FORMATS))
    nameless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form, dpi=120, metadata=nameless[form])
    part = path.parent / f".part-{path.name}"
    part.write_bytes(buffer.getvalue())
    os.replace(part, path)
