"""Projections by UMAP: some classes before and after crops."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.figures import material, simple, style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_CLASSES, _EACH = 20, 60  # as many classes as the reference shows
_LEGIBLE = 19  # characters of a name below a panel, two columns of names
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
    """Images of 20 classes, before and after crops, coloured by label, source and scale."""
    stages = [one for one in (_before(given), after(given)) if one is not None]
    features = given.features[1] if given.features else simple.WHAT
    figure = style.new(style.WIDTH, 0.9 + 2.5 * len(stages))
    figure.suptitle(f"UMAP of {features}", fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(len(stages), 3, squeeze=False)
    for stage, row in zip(stages, panels, strict=True):
        for axes, column in zip(row, ("label", "dir_name", "scale"), strict=True):
            values = stage.table[column]
            scatter(axes, stage.places, values, style.look(sorted(values.unique(), key=order)))
            if stage is stages[-1]:
                legend(axes)
        row[0].set_ylabel(stage.title)
    for axes, name in zip(panels[0], ("by label", "by source", "by scale"), strict=True):
        axes.set_title(name)
    return figure


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
    """Returns the whole source images of the same examples, None where they cannot be read."""
    examples = chosen(given)
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
) -> None:
    """Draws places [N, 2], those of each value in its look; without numbers on the axes."""
    for name, (colour, marker) in looks.items():
        own = places[(values == name).to_numpy()]
        axes.scatter(own[:, 0], own[:, 1], s=7, color=colour, marker=marker, linewidths=0,
                     label=style.shortened(name, _LEGIBLE))  # fmt: skip
    unmarked(axes)


def legend(axes: Axes) -> None:
    """Names the values below a panel."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), fontsize=6.5, ncols=2,
                handletextpad=0.1, columnspacing=0.4, borderpad=0)  # fmt: skip


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
