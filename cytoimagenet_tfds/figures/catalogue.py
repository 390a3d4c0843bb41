"""The figures there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.figures import (
    clusters,
    counts,
    embedding,
    grids,
    material,
    pixels,
    projection,
    runs,
    style,
    transfer,
    unseen,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Entry:
    """One figure.

    Attributes:
      text: what it shows, one line.
      draw: makes the figure; raises UnavailableError where something it needs is not given.
      examples: the examples whose images it shows, None where it shows none; asked of all figures
        first, so that the dataset is read once for all of them.
    """

    text: str
    draw: Callable[[material.Material], Any]
    examples: Callable[[material.Material], pd.DataFrame] | None = None


CATALOGUE: dict[str, Entry] = {
    "classes": Entry("one image of each class", grids.draw_classes, grids.one_per_class),
    "class": Entry("images of one class, --class", grids.draw_class, grids.of_class),
    "categories": Entry(
        "two images of a class of each category", grids.draw_categories, grids.two_per_category
    ),
    "composition": Entry("classes by category and database", counts.draw_composition),
    "labels": Entry("images and source datasets behind each class", counts.draw_labels),
    "threshold": Entry("labels with at least so many images; --rows", counts.draw_threshold),
    "sizes": Entry("sizes before and after crops", pixels.draw_sizes),
    "crops": Entry("the crops of one image, drawn on it; --manual_dir", pixels.draw_crops),
    "channels": Entry(
        "the channels of one field and their merge; --manual_dir", pixels.draw_channels
    ),
    "umap": Entry(
        "20 classes before and after crops, by UMAP; --features", projection.draw_umap,
        projection.chosen,
    ),
    "clusters": Entry("clusters of that projection", clusters.draw_clusters, projection.chosen),
    "embedding": Entry(
        "any features by UMAP, by any columns; --features, --by", embedding.draw_embedding
    ),
    "unseen": Entry("the largest labels below the threshold; --rows", unseen.draw_unseen),
    "diversity": Entry("distances within and between classes; --distances", runs.draw_diversity),
    "accuracy": Entry(
        "accuracy on the benchmarks by weights and method; --results", transfer.draw_accuracy
    ),
    "history": Entry("loss and accuracy of a training; --history", runs.draw_history),
}  # fmt: skip


def draw(
    given: material.Material, names: Sequence[str], folder: Path, form: str
) -> Iterable[tuple[str, Path | str]]:
    """Draws figures into a folder.

    Args:
      given: what they are drawn from.
      names: of figures, () for all.
      folder: made where it is not there.
      form: one of `style.FORMATS`.

    Yields:
      Name of a figure, and the file written or the reason why there is none.

    Raises:
      ConfigError: there is no such figure or format, or matplotlib is missing.
    """
    for name in names:
        if name not in CATALOGUE:
            raise errors.ConfigError(errors.unknown_name("figure", name, CATALOGUE))
    if form not in style.FORMATS:
        raise errors.ConfigError(errors.unknown_name("format", form, style.FORMATS))
    wanted = list(names) or list(CATALOGUE)
    with style.settings():
        _load(given, wanted)
        folder.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            path = folder / f"{name}.{form}"
            try:
                style.save(CATALOGUE[name].draw(given), path)
            except material.UnavailableError as error:
                yield name, str(error)
            else:
                yield name, path


def _load(given: material.Material, names: Sequence[str]) -> None:
    keys: list[str] = []
    for name in names:
        examples = CATALOGUE[name].examples
        try:
            keys += [] if examples is None else examples(given)["key"].tolist()
        except material.UnavailableError:
            continue  # said when it is drawn
    given.load(keys)
