"""Which published images enter the dataset, under the names they have."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.build import selection
from cytoimagenet_tfds.builders.cytoimagenet.published import expected, pixels

_BOUNDS = ("y_min", "y_max", "x_min", "x_max")


def select(
    planned: pd.DataFrame, facts: dict[str, Any], seed: int, lines: pd.DataFrame
) -> selection.Selection:
    """Takes every image that is whole, with the facts of its row, shuffled.

    Args:
      planned: the plan.
      facts: gets the number of images that are byte for byte the same as another.
      seed: of the shuffle.
      lines: the lines of all chunk tables.
    """
    images = lines[lines["reason"] == ""].rename(columns={"key": "source_key"})
    if images.empty:
        raise errors.BuildError("No image of the archive is whole.")
    rows = planned.drop(columns=["missing", "excluded", "segmented", "crops"])
    images = images.merge(rows.rename(columns={"key": "source_key"}), on="source_key")
    images = _with_bounds(images, facts)
    images["key"] = images["source_key"] + np.where(images["crop"], "#crop=0", "")
    images["path"] = "cytoimagenet/" + images["folder"]
    images["filename"] = images["published_filename"]
    _note_same_content(images, facts)
    images = images.assign(
        labels=selection.labels(images),
        _chance=hashing.hash_keys(seed, "shuffle", images["key"]),
    ).sort_values(["split", "_chance", "key"], ignore_index=True)
    classes = tuple(sorted(images["label"].unique()))
    return selection.Selection(images, classes, {}, _damaged(lines))


def _with_bounds(images: pd.DataFrame, facts: dict[str, Any]) -> pd.DataFrame:
    """A crop has the published bounds, a whole image those of its own pixels."""
    stated = np.array(images["published_bounds"].tolist(), dtype=np.int64).reshape(-1, 4)
    crop = images["published_crop"].to_numpy() & (stated >= 0).all(axis=1)
    own = images[list(_BOUNDS)].to_numpy()
    sides = np.stack([stated[:, 1] - stated[:, 0], stated[:, 3] - stated[:, 2]], axis=1)
    other = crop & (sides != images[["height", "width"]].to_numpy()).any(axis=1)
    facts["published"] = {**facts["published"], "bounds_of_other_size": int(other.sum())}
    chosen = np.where(crop[:, None], stated, own).astype("int32")
    scaling = np.where(crop, images["published_scaling"].fillna(1.0), 1.0).astype("float32")
    columns = {name: chosen[:, number] for number, name in enumerate(_BOUNDS)}
    return images.assign(crop=crop, scaling=scaling, **columns)


def _note_same_content(images: pd.DataFrame, facts: dict[str, Any]) -> None:
    again = images.duplicated(["length", "crc32"], keep=False)
    facts["published"] = {**facts["published"], "same_content": int(again.sum())}
    for text in expected.listed("images have the same bytes as another",
                                images.loc[again, "source_key"].tolist()):  # fmt: skip
        logging.getLogger(__name__).warning("%s", text)


def _damaged(lines: pd.DataFrame) -> tuple[str, ...]:
    rejected = lines[(lines["reason"] != "") & (lines["reason"] != pixels.MISSING)]
    found: list[str] = []
    for reason, rows in rejected.groupby("reason"):
        found += expected.listed(f"images are left out ({reason})", rows["key"].tolist())
    return tuple(found)
