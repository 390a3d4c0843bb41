"""The selection of images as plain pandas on whole tables: what `build.selection` must equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, files, hashing, schema
from cytoimagenet_tfds.build.selection import ClassRules
from cytoimagenet_tfds.curation import splits

if TYPE_CHECKING:
    import numpy.typing as npt


def select(
    plan: pd.DataFrame, lines: pd.DataFrame, seed: int, rules: ClassRules | None
) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, int]]:
    """Applies cap and minimum, names the files and shuffles.

    Args:
      plan: the planned rows, columns of `plan`.
      lines: one line per rendered image and per rejected row, columns of `chunks.Line` and `chunk`.
      seed: seed of every choice made here.
      rules: None for a dataset without labels, where every image stays.

    Raises:
      BuildError: no image or no class is left.
      TableError: two examples would have the same key.
    """
    facts = plan.drop(columns=["missing", "excluded", "segmented", "crops"])
    images = lines[lines["reason"] == ""].rename(columns={"key": "source_key"})
    images["key"] = _example_keys(images)
    images = images.merge(
        facts.rename(columns={"key": "source_key"}), on="source_key", validate="many_to_one"
    )
    dropped: dict[str, int] = {}
    if rules is not None:
        images = _cap(images, seed, rules.cap)
        images, dropped = _drop_small(images, rules.min_class)
        if rules.by_image is not None and len(images):
            drawn = splits.by_image(images["label"], images["key"], rules.by_image, seed)
            images["split"] = splits.names(drawn).to_numpy()
    if images.empty:
        raise errors.BuildError("nothing left")
    _check_keys(images["key"])
    images = _names(images, seed) if rules is not None else _own_names(images)
    classes = tuple(sorted(images["label"].unique())) if rules is not None else ()
    return _shuffled(images, seed), classes, dropped


def _example_keys(images: pd.DataFrame) -> list[str]:
    """The key of the row, for a crop followed by its number: 'a/b.tif#crop=0'."""
    pairs = zip(images["source_key"], images["crop"], strict=True)
    return [
        key if crop < 0 else f"{key}{'&' if '#' in key else '#'}crop={crop}" for key, crop in pairs
    ]


def _cap(images: pd.DataFrame, seed: int, cap: int) -> pd.DataFrame:
    """Keeps `cap` images of a class: first one of every source image, then second ones."""
    chance = _hashes(images, seed, "cap")
    order = images.assign(_chance=chance).sort_values(["_chance", "key"])
    order["_turn"] = order.groupby("source_key").cumcount()
    order = order.sort_values(["_turn", "_chance", "key"])
    kept = order.groupby("label").cumcount() < cap
    return order[kept].drop(columns=["_chance", "_turn"])


def _drop_small(images: pd.DataFrame, minimum: int) -> tuple[pd.DataFrame, dict[str, int]]:
    counts = images["label"].value_counts().sort_index()
    small = {str(label): int(count) for label, count in counts.items() if count < minimum}
    return images[~images["label"].isin(list(small))], small


def _names(images: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Gives every image its folder and its number within its class, in the order of a hash."""
    images = images.assign(_chance=_hashes(images, seed, "number"))
    images = images.sort_values(["label", "_chance", "key"])
    numbers = images.groupby("label").cumcount()
    sizes = images.groupby("label")["key"].transform("size")
    triples = zip(images["folder"], numbers, sizes, strict=True)
    images["filename"] = [schema.file_name(*triple) for triple in triples]
    images["path"] = "cytoimagenet/" + images["folder"]
    return images.drop(columns="_chance")


def _own_names(images: pd.DataFrame) -> pd.DataFrame:
    """Takes folder and name of the first source file."""
    paths = [
        f"{dir_name}/{files.split(text)[0].path}"
        for dir_name, text in zip(images["dir_name"], images["files"], strict=True)
    ]
    parts = [path.rpartition("/") for path in paths]
    return images.assign(path=[part[0] for part in parts], filename=[part[2] for part in parts])


def _shuffled(images: pd.DataFrame, seed: int) -> pd.DataFrame:
    images = images.assign(_chance=_hashes(images, seed, "shuffle"))
    images = images.sort_values(["split", "_chance", "key"], ignore_index=True)
    return _example_columns(images.drop(columns="_chance"))


def _example_columns(images: pd.DataFrame) -> pd.DataFrame:
    """Adds the columns that only an example has."""
    return images.assign(labels=labels(images), crop=images["crop"] >= 0)


def labels(images: pd.DataFrame) -> pd.Series:
    """Returns all label values of each image over the seven label columns, each once."""
    cells = zip(*(images[name] for name in schema.CATEGORIES), strict=True)
    found = [
        list(dict.fromkeys(token for cell in row for token in schema.split_tokens(cell)))
        for row in cells
    ]
    return pd.Series(found, index=images.index, dtype="object")


def _hashes(images: pd.DataFrame, seed: int, purpose: str) -> npt.NDArray[np.uint64]:
    return hashing.hash_keys(seed, purpose, images["key"])


def _check_keys(keys: pd.Series) -> None:
    twice = keys[keys.duplicated()]
    if len(twice):
        shown = ", ".join(sorted(twice.unique())[:3])
        raise errors.TableError(f"{len(twice):,} examples share their key with another: {shown}")
