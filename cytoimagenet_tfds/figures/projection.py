"""Projections by UMAP: some classes before and after crops, and the clusters of the projection."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.figures import grids, material, simple, style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_CLASSES, _EACH = 20, 60  # as many classes as the reference shows
_LEAST = 15  # images below which a projection says nothing
_CLUSTERS, _SHOWN = 6, 8


@dataclasses.dataclass(frozen=True)
class _Projected:
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
    stages = [one for one in (_before(given), _after(given)) if one is not None]
    features = given.features[1] if given.features else simple.WHAT
    figure = style.new(style.WIDTH, 0.9 + 2.5 * len(stages))
    figure.suptitle(f"UMAP of {features}", fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(len(stages), 3, squeeze=False)
    for stage, row in zip(stages, panels, strict=True):
        last = stage is stages[-1]
        for axes, column in zip(row, ("label", "dir_name", "scale"), strict=True):
            _scatter(axes, stage, column)
            if last:
                axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), fontsize=6,
                            ncols=2, handletextpad=0.1, columnspacing=0.6)  # fmt: skip
        row[0].set_ylabel(stage.title)
    for axes, name in zip(panels[0], ("by label", "by source", "by scale"), strict=True):
        axes.set_title(name)
    return figure


def draw_clusters(given: Material) -> Figure:
    """The clusters of the projection (DBSCAN) and images of the largest of them."""
    try:
        from sklearn.cluster import DBSCAN
    except ImportError as error:
        raise UnavailableError(
            f"clusters need scikit-learn ({error}): pip install 'cytoimagenet-tfds[eval]'"
        ) from error
    stage = _after(given)
    spread = float(np.ptp(stage.places, axis=0).max())
    found = DBSCAN(eps=spread / 25, min_samples=5).fit_predict(stage.places)
    sizes = pd.Series(found[found >= 0]).value_counts().head(_CLUSTERS)
    if sizes.empty:
        raise UnavailableError("the projection has no cluster of five images")
    figure = style.new(style.WIDTH, 1 + 0.62 * max(len(sizes), 4))
    subfigures: Any = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    left, right = subfigures
    axes = _empty(left.subplots())
    axes.scatter(stage.places[:, 0], stage.places[:, 1], s=5, color="0.8", linewidths=0)
    strips = right.subplots(len(sizes), 1, squeeze=False)[:, 0]
    for number, (cluster, size) in enumerate(sizes.items()):
        colour, marker = style.COLOURS[number], style.MARKERS[number]
        inside = np.flatnonzero(found == cluster)
        own_places = stage.places[inside]
        axes.scatter(
            own_places[:, 0], own_places[:, 1], s=9, color=colour, marker=marker, linewidths=0
        )
        own = stage.table.iloc[inside]
        strip = grids.strip(given.images(own["key"].iloc[:_SHOWN]), _SHOWN)
        style.picture(strips[number], strip)
        labels = own["label"].value_counts()
        text = ", ".join(f"{name} {count}" for name, count in labels.head(3).items())
        strips[number].set_title(f"{size} images: {text}", color=colour, fontsize=7)
    axes.set_title(f"{(found < 0).sum()} of {len(found)} images in no cluster", fontsize=7.5)
    return figure


def _after(given: Material) -> _Projected:
    table = chosen(given)
    features = None if given.features is None else given.features[0](table["key"].tolist())
    if given.features is not None and features is None:
        raise UnavailableError("some of the images have no features in the table of --features")
    if features is None:
        features = simple.features(given.images(table["key"]))
    table = table.assign(scale=[_scale(value) for value in table["scaling"]])
    return _Projected("as in the dataset", table, _embed(features, given.seed))


def _before(given: Material) -> _Projected | None:
    """Returns the whole source images of the same examples, None where they cannot be read."""
    examples = chosen(given)
    rows = examples["key"].str.split("#crop=").str[0]
    table = examples.assign(key=rows, scale=_scale(1.0)).drop_duplicates("key", ignore_index=True)
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
    return _Projected("before crops", table, _embed(features, given.seed))


def _embed(features: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
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


def _scatter(axes: Axes, stage: _Projected, column: str) -> None:
    names: Sequence[str] = sorted(stage.table[column].unique(), key=_place)
    for name, (colour, marker) in style.look(names).items():
        own = stage.places[(stage.table[column] == name).to_numpy()]
        axes.scatter(own[:, 0], own[:, 1], s=7, color=colour, marker=marker, linewidths=0,
                     label=name)  # fmt: skip
    _empty(axes)


def _place(name: str) -> tuple[int, str]:
    """Sorts scales by size and other names by letters."""
    return (int(name.removeprefix("1/")) if name.startswith("1/") else 0), name


def _scale(value: float) -> str:
    return "whole" if value == 1 else f"1/{round(1 / value)}"


def _empty(axes: Any) -> Any:
    """Takes the numbers off: distances in a projection have no unit."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_color("0.8")
    return axes
