"""Any table of features by UMAP, coloured by any columns: unseen classes, benchmarks, plates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.figures import material, projection, style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_DEFAULT = ("label", "source", "scale")
_CLASSES = 20  # of a dataset with more, those chosen by hash(seed, name)
_MOST = 3000  # images; more of them hide each other
_NAMED = 20  # values of a column with a look of their own; the rarer ones share one
_ACROSS = 3  # panels in a row
_OTHER = ("0.75", ".")


def draw_embedding(given: Material) -> Figure:
    """Features of a table in two dimensions, one panel for each column of metadata."""
    table, columns, total, same = _chosen(given)
    features, text = given.features or (lambda keys: None, "")
    values = features(table["key"].tolist())
    if values is None:
        raise UnavailableError("some of the images have no features in the table of --features")
    places = projection.embed(values, given.seed)
    across = min(len(columns), _ACROSS)
    rows = -(-len(columns) // across)
    below = 0.065 * max(min(table[name].nunique(), _NAMED + 1) for name in columns)
    width = projection.panels_width(across)
    number = f"{len(table):,} of {wording.counted(total, 'image')}"
    title = style.wrapped(f"UMAP of {style.shortened(text, 60)}: {number}{same}", width)
    figure = style.new(width, 0.2 + 0.16 * len(title.split("\n")) + (3 + below) * rows)
    figure.suptitle(title, fontsize=9, x=0.01, ha="left")
    panels = figure.subplots(rows, across, squeeze=False).ravel()
    for axes, name in zip(panels, columns, strict=False):
        axes.set_title(f"by {name}")
        _panel(axes, places, table[name], width / across)
    for axes in panels[len(columns) :]:
        axes.set_axis_off()
    return figure


def _chosen(given: Material) -> tuple[pd.DataFrame, list[str], int, str]:
    """Returns the images to show, the columns to show them by, how many there are.

    Last what all images have in those of the usual columns that would show nothing.
    """
    if given.features is None:
        raise UnavailableError("give features with --features")
    if given.facts is None:
        raise UnavailableError("name the dataset of the features, or give tables with --metadata")
    table = given.facts()
    table = table[table["key"].isin(given.feature_keys)]
    if table.empty:
        raise errors.ConfigError(
            "No key of the features stands in the metadata: they are of other images."
        )
    table = _readable(table)
    columns = _columns(table, given.by)
    total = len(table)
    if "label" in columns:
        names = material.choose_names(table["label"], _CLASSES, given.seed, "embedding")
        table = table[table["label"].isin(names)]
    table = table.assign(all="")
    chosen = material.choose(table, _MOST, given.seed, "embedding", by="all")
    table = table.loc[chosen].reset_index(drop=True)
    same = ""
    if not given.by:
        columns, same = projection.told_apart(table, columns)
    return table, columns, total, same


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the table with the columns that people ask for by another name."""
    if "dir_name" in table:
        table = table.assign(source=table["dir_name"])
    if "scaling" in table:
        table = table.assign(scale=[projection.scale(value) for value in table["scaling"]])
    return table


def _columns(table: pd.DataFrame, asked: tuple[str, ...]) -> list[str]:
    known = [str(name) for name in table if name != "key"]
    for name in asked:
        if name not in known:
            raise errors.ConfigError(errors.unknown_name("column", name, known))
    columns = list(asked) or [name for name in _DEFAULT if name in known]
    if not columns:
        raise UnavailableError(f"say with --by which columns to show: {', '.join(known)}")
    return columns


def _panel(axes: Axes, places: np.ndarray, values: pd.Series, width: float) -> None:
    projection.unmarked(axes)
    if pd.api.types.is_float_dtype(values) or _is_measure(values):
        picture = axes.scatter(places[:, 0], places[:, 1], s=style.dot(len(places)), c=values,
                               cmap="viridis", edgecolors="0.4", linewidths=0.2)  # fmt: skip
        bar = axes.figure.colorbar(picture, ax=axes, location="bottom", shrink=0.8, pad=0.02)
        bar.outline.set_visible(False)
        return
    names = values.astype(str).replace("", "unknown")
    common = names.value_counts().index[:_NAMED].tolist()
    looks = style.look(sorted(common, key=projection.order))
    rest = names.nunique() - len(common)
    if rest:
        names = names.where(names.isin(common), f"{rest:,} others")
        looks = {f"{rest:,} others": _OTHER, **looks}
    projection.scatter(axes, places, names, looks, width)
    projection.legend(axes)


def _is_measure(values: pd.Series) -> bool:
    """Whether whole numbers are too many for a look of their own each."""
    return pd.api.types.is_integer_dtype(values) and values.nunique() > _NAMED
