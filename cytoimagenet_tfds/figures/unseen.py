"""Classes nobody trained on: the largest labels below the threshold, one image of each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors, images, wording
from cytoimagenet_tfds.figures import grids, material

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cytoimagenet_tfds.figures.material import Material

_COUNT = 20


def draw_unseen(given: Material) -> Figure:
    """One source image of each of the 20 largest labels that have too few images for a class."""
    from cytoimagenet_tfds import curation

    rows = _rows(given)
    rules = given.plan.config or curation.CurationConfig()
    rules = dataclasses.replace(rules, unseen=_COUNT, labels=(), min_class=0)
    try:
        planned, summary = curation.plan_with_summary(rows, rules)
    except errors.ConfigError as error:
        raise material.UnavailableError(
            f"no label with fewer than {rules.min_images:,} images has one that no class uses"
        ) from error
    counts = {entry.label: entry.count for entry in summary.classes}
    unused = planned["label"].value_counts()
    order = sorted(counts, key=lambda label: (-counts[label], label))
    table = planned.loc[material.choose(planned, 1, given.seed, "unseen")]
    table = table.set_index("label", drop=False).loc[order]
    pictures = [images.merge(given.channels(row)) for row in table.itertuples()]
    labels = [f"{label}\n{unused[label]:,} of {counts[label]:,}" for label in order]
    title = _title(len(order), summary.labels - summary.candidates, rules.min_images)
    return grids.named_grid(pictures, table["category"].tolist(), labels, title)


def _rows(given: Material) -> pd.DataFrame:
    """Returns the row tables; without those of a source its labels would seem to have no images."""
    if given.rows is None:
        raise material.UnavailableError("give the row tables with --rows")
    config = given.plan.config
    used = {*given.plan.table["dir_name"], *(config.sources if config else ())}
    missing = sorted(used - set(given.rows["dir_name"]))
    if missing:
        raise material.UnavailableError(
            f"--rows needs the tables of all sources of the dataset; {', '.join(missing)} not given"
        )
    return given.rows


def _title(count: int, below: int, threshold: int) -> str:
    """Returns what is seen: `count` of the `below` labels that have too few images."""
    which = f"the {count} largest labels" if count == _COUNT else wording.counted(count, "label")
    rest = wording.counted(below - count, "other label", "other labels")
    return (
        f"Classes nobody trained on: {which} with fewer than {threshold:,} images. Below each: "
        "images that no class uses, of all that have the label."
        + (f" Of {rest} all images are in classes." if count < min(below, _COUNT) else "")
    )
