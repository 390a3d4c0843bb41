"""Projections by UMAP: some classes before and after crops."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import images, wording
from cytoimagenet_tfds.figures import material, simple, style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_CLASSES, _EACH = 20, 60  # as many classes as the reference shows
_COLUMNS = {"label": "label", "dir_name": "source", "scale": "scale"}  # column -> its name
_MARK, _LETTER = 0.34, 0.0475  # inches that a mark and a letter take below a panel
_ALONE = 4.2  # inches, width of a figure of one panel
_NAMES_ACROSS = 2
_LEAST = 15  # images below which a projection says nothing


@dataclasses.dataclass(frozen=True)
class Projected:
    """Images and where they lie: `table` has label, source and scale, `places` is [N, 2]."""

    title: str
    table: pd.DataFrame
    places: npt.NDArray[np.float32]


def chosen(given: Material) -> pd.DataFrame:
    """Returns the examples to project: up to 60 of each of up to 20 classes."""
    table = given.labelled
    names = material.choose_names(table["label"].unique(), _CLASSES, given.seed, "projection")
    own = table[table["label"].isin(names)]
    return own.loc[material.choose(own, _EACH, given.seed, "projection")].reset_index(drop=True)


def draw_umap(given: Material) -> Figure:
    """Images of 20 classes, before and after crops, coloured by label, source and scale.

    What is the same of all images is said in the title instead.
    """
    stages = [one for one in (_before(given), after(given)) if one is not None]
    features = given.features[1] if given.features else simple.WHAT
    table = pd.concat([stage.table for stage in stages])
    columns, same = told_apart(table, list(_COLUMNS))
    # One look for a value in all stages: the names below stand for every panel of a column.
    looks = {name: style.look(sorted(table[name].unique(), key=order)) for name in columns}
    width = panels_width(len(columns))
    title = style.wrapped(f"UMAP of {features}{same}", width)
    lines = max(-(-len(look) // _NAMES_ACROSS) for look in looks.values())
    figure = style.new(width, 0.8 + 0.12 * lines + 2.4 * len(stages))
    figure.suptitle(title, fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(len(stages), len(columns), squeeze=False)
    for stage, row in zip(stages, panels, strict=True):
        for axes, column in zip(row, columns, strict=True):
            values = stage.table[column]
            scatter(axes, stage.places, values, looks[column], width / len(columns))
            if stage is stages[-1]:
                legend(axes)
        row[0].set_ylabel(f"{stage.title}: {wording.counted(len(stage.table), 'image')}")
    for axes, column in zip(panels[0], columns, strict=True):
        axes.set_title(f"by {_COLUMNS[column]}")
    return figure


def told_apart(table: pd.DataFrame, columns: list[str]) -> tuple[list[str], str]:
    """Returns the columns that tell images apart, and of the others what all images have.

    The first column stays where none tells them apart.
    """
    several = [name for name in columns if table[name].nunique() > 1] or columns[:1]
    rest = [name for name in columns if name not in several]
    same = [f"{_COLUMNS.get(name, name)} {table[name].iloc[0] or 'unknown'}" for name in rest]
    return several, f"; the same for all: {', '.join(same)}" if same else ""


def panels_width(across: int) -> float:
    """Returns the width in inches of a figure of one to three panels side by side."""
    return max(_ALONE, style.WIDTH * across / len(_COLUMNS))


def after(given: Material) -> Projected:
    """Returns the chosen images of the dataset, projected."""
    table = chosen(given)
    features = None if given.features is None else given.features[0](table["key"].tolist())
    if given.features is not None and features is None:
        raise UnavailableError("some of the images have no features in the table of --features")
    if features is None:
        features = simple.features(given.images(table["key"]))
    table = table.assign(scale=[scale(value) for value in table["scaling"]])
    return Projected("as in the dataset", table, embed(features, given.seed))


def _before(given: Material) -> Projected | None:
    """Returns the whole source images of the same examples.

    None where they cannot be read, or are what the dataset holds.
    """
    examples = chosen(given)
    if (examples["scaling"] == 1).all():
        return None
    rows = examples["key"].str.split("#crop=").str[0]
    table = examples.assign(key=rows, scale=scale(1.0)).drop_duplicates("key", ignore_index=True)
    if given.features is not None:
        features = given.features[0](table["key"].tolist())
    elif given.raw is None:
        return None
    else:
        planned = given.plan.table.set_index("key", drop=False).loc[table["key"]]
        merged = [images.merge(given.channels(row)) for row in planned.itertuples()]
        features = simple.features(merged)
    if features is None or len(features) < _LEAST:
        return None
    return Projected("before crops", table, embed(features, given.seed))


def embed(features: npt.NDArray[Any], seed: int) -> npt.NDArray[np.float32]:
    """Returns the places of rows [N, D] in two dimensions, [N, 2]; the same for the same seed."""
    if len(features) < _LEAST:
        raise UnavailableError(f"a projection needs at least {_LEAST} images")
    try:
        import umap
    except ImportError as error:
        raise UnavailableError(
            f"projections need umap-learn ({error}): pip install 'cytoimagenet-tfds[umap]'"
        ) from error
    neighbours = min(15, len(features) - 1)
    # One job: with several, UMAP gives another picture every time.
    reducer = umap.UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
    places: npt.NDArray[np.float32] = reducer.fit_transform(features)
    return places


def scatter(
    axes: Axes,
    places: npt.NDArray[np.float32],
    values: pd.Series,
    looks: Mapping[str, tuple[str, str]],
    width: float,
) -> None:
    """Draws places [N, 2], those of each value in its look; without numbers on the axes.

    Names are shortened where two of them do not fit below a panel `width` inches wide.
    """
    letters = int((width / _NAMES_ACROSS - _MARK) / _LETTER)
    area = style.dot(len(places))
    for name, (colour, marker) in looks.items():
        own = places[(values == name).to_numpy()]
        axes.scatter(own[:, 0], own[:, 1], s=area, color=colour, marker=marker, linewidths=0,
                     label=style.shortened(name, letters))  # fmt: skip
    unmarked(axes)


def legend(axes: Axes) -> None:
    """Names the values below a panel."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), fontsize=6.5,
                ncols=_NAMES_ACROSS, handletextpad=0.1, columnspacing=0.4, borderpad=0,
                markerscale=1.4)  # fmt: skip


def order(name: str) -> tuple[int, str]:
    """Sorts scales by size and other names by letters."""
    return (int(name.removeprefix("1/")) if name.startswith("1/") else 0), name


def scale(value: float) -> str:
    """Returns how people write the scale of a crop: 'whole', '1/2'."""
    return "whole" if value == 1 else f"1/{round(1 / value)}"


def unmarked(axes: Any) -> Any:
    """Takes the numbers off: distances in a projection have no unit."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_color("0.8")
    return axes
