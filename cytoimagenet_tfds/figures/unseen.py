"""Classes nobody trained on: the largest labels below the threshold, one image of each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.figures import grids, material

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_COUNT = 20


def draw_unseen(given: Material) -> Figure:
    """One source image of each of the 20 largest labels that have too few images for a class."""
    from cytoimagenet_tfds import curation

    if given.rows is None:
        raise material.UnavailableError("give the row tables with --rows")
    rules = given.plan.config or curation.CurationConfig()
    rules = dataclasses.replace(rules, unseen=_COUNT, labels=(), min_class=0)
    try:
        table, summary = curation.plan_with_summary(given.rows, rules)
    except errors.ConfigError as error:
        raise material.UnavailableError(f"no label is below the threshold: {error}") from error
    table = table.loc[material.choose(table, 1, given.seed, "unseen")].sort_values("label")
    pictures = [images.merge(given.channels(row)) for row in table.itertuples()]
    counts = {entry.label: entry.count for entry in summary.classes}
    labels = [f"{label} ({counts[label]})" for label in table["label"]]
    title = f"The {len(table)} largest labels of fewer than {rules.min_images} images (images)"
    return grids.named_grid(pictures, table["category"].tolist(), labels, title)
