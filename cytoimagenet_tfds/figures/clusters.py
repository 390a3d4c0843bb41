"""Clusters of a projection: where they lie, and images of each and of those in none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.figures import grids, material, projection, simple, style
from cytoimagenet_tfds.figures.material import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_CLUSTERS, _SHOWN = 6, 8
_LEAST = 5  # images of a cluster
_LABELS = 3  # named of a cluster
_NONE = -1  # what DBSCAN calls the cluster of an image in none
_OUTSIDE = ("0.45", "x")


def draw_clusters(given: Material) -> Figure:
    """The clusters of the projection (DBSCAN), images of the largest of them, and outliers."""
    stage = projection.after(given)
    found = _found(stage.places)
    sizes = pd.Series(found[found != _NONE]).value_counts().head(_CLUSTERS)
    if sizes.empty:
        raise UnavailableError(f"the projection has no cluster of {_LEAST} images")
    looks = {
        cluster: (style.COLOURS[number], style.MARKERS[number])
        for number, cluster in enumerate(sizes.index.tolist())
    }
    looks |= {_NONE: _OUTSIDE} if (found == _NONE).any() else {}
    figure = style.new(style.WIDTH, 1.2 + 0.62 * max(len(looks), 4))
    features = given.features[1] if given.features else simple.WHAT
    title = style.wrapped(f"UMAP of {features}, with images of its clusters", style.WIDTH)
    figure.suptitle(title, fontsize=9, x=0.01, ha="left")
    subfigures: Any = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    _map(subfigures[0].subplots(), stage.places, found, looks)
    strips = subfigures[1].subplots(len(looks), 1, squeeze=False)[:, 0]
    for axes, (cluster, look) in zip(strips, looks.items(), strict=True):
        _strip(axes, given, stage.table[found == cluster], cluster, look)
    return figure


def _found(places: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Returns the number of the cluster of each place, -1 for none."""
    try:
        from sklearn.cluster import DBSCAN
    except ImportError as error:
        raise UnavailableError(
            f"clusters need scikit-learn ({error}): pip install 'cytoimagenet-tfds[eval]'"
        ) from error
    spread = float(np.ptp(places, axis=0).max())
    found: npt.NDArray[np.int64] = DBSCAN(eps=spread / 25, min_samples=_LEAST).fit_predict(places)
    return found


def _map(
    axes: Axes,
    places: npt.NDArray[np.float32],
    found: npt.NDArray[np.int64],
    looks: dict[int, tuple[str, str]],
) -> None:
    projection.unmarked(axes)
    axes.scatter(places[:, 0], places[:, 1], s=5, color="0.8", linewidths=0)
    for cluster, (colour, marker) in looks.items():
        own = places[found == cluster]
        thick = 0.7 if marker == "x" else 0
        axes.scatter(own[:, 0], own[:, 1], s=9, color=colour, marker=marker, linewidths=thick)
    count = len(set(found.tolist()) - {_NONE})
    text = f"{wording.counted(len(found), 'image')} in {wording.counted(count, 'cluster')}"
    rest = count - len(set(looks) - {_NONE})
    smaller = f"\ngrey: {wording.counted(rest, 'smaller cluster')}" if rest else ""
    axes.set_title(text + smaller, fontsize=8)


def _strip(
    axes: Axes, given: Material, own: pd.DataFrame, cluster: int, look: tuple[str, str]
) -> None:
    one = own.assign(cluster=cluster)
    chosen = own.loc[material.choose(one, _SHOWN, given.seed, "cluster", by="cluster")]
    style.picture(axes, grids.strip(given.images(chosen["key"]), _SHOWN))
    labels = own["label"].value_counts()
    shown = [f"{style.shortened(str(name), 24)} {n:,}" for name, n in labels.head(_LABELS).items()]
    rest = ["…"] if len(labels) > _LABELS else []
    where = " in no cluster" if cluster == _NONE else ""
    text = f"{wording.counted(len(own), 'image')}{where}: {', '.join(shown + rest)}"
    axes.set_title(text, x=0.025, fontsize=7)
    _mark(axes, look)


def _mark(axes: Axes, look: tuple[str, str]) -> None:
    """Puts the mark of a cluster before the title of its images."""
    from matplotlib.transforms import ScaledTranslation

    figure: Any = axes.get_figure(root=True)
    above = ScaledTranslation(4 / 72, 8.5 / 72, figure.dpi_scale_trans)  # points
    axes.plot([0], [1], linestyle="", color=look[0], marker=look[1], markersize=4.5,
              transform=axes.transAxes + above, clip_on=False)  # fmt: skip
