"""What figures are drawn from: a prepared dataset, its plan, raw images, tables of a run."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import errors, files, hashing, images

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation import PlanFile
    from cytoimagenet_tfds.prepared import Prepared

Grey = npt.NDArray[np.uint8]
# Features of these keys, [N, D], or None where one has none; and what they are.
Features = tuple[Callable[[list[str]], "npt.NDArray[np.float32] | None"], str]

_COLUMNS = ("key", "label", "category", "database", "dir_name", "crop", "scaling")
PLAN = "plan.parquet"


class UnavailableError(errors.CytoImageNetError):
    """A figure cannot be drawn from what is given; the message says what is missing."""


@dataclasses.dataclass(kw_only=True)
class Material:
    """What is given; asking for what is not raises UnavailableError.

    Attributes:
      dataset: the prepared dataset.
      raw: folder with one folder of raw images per source.
      rows: row tables of the sources, in one table.
      history: `history.csv` of a training.
      distances: `class_distances.csv` of a training.
      results: `results.json` of evaluations.
      features: features of images by key, and what they are; None for simple ones.
      feature_keys: the keys that have features.
      facts: returns a table with the column `key` and what is known of the images.
      by: its columns to show features by, () for those that are usual.
      label: class to show, '' for the largest.
      seed: of every random choice.
    """

    dataset: Prepared | None = None
    raw: Path | None = None
    rows: pd.DataFrame | None = None
    history: Path | None = None
    distances: Path | None = None
    results: tuple[Path, ...] = ()
    features: Features | None = None
    feature_keys: Collection[str] = ()
    facts: Callable[[], pd.DataFrame] | None = None
    by: tuple[str, ...] = ()
    label: str = ""
    seed: int = 0
    _images: dict[str, Grey] = dataclasses.field(default_factory=dict)

    def prepared(self) -> Prepared:
        """Returns the dataset."""
        if self.dataset is None:
            raise UnavailableError("name a prepared dataset")
        return self.dataset

    @functools.cached_property
    def examples(self) -> pd.DataFrame:
        """One line per example: key, label, category, source, crop and size; sorted by key."""
        dataset = self.prepared()
        lines = [
            (*(example.values.get(name, "") for name in _COLUMNS), *example.size)
            for split in dataset.splits
            for example in dataset.examples(split)
        ]
        table = pd.DataFrame(lines, columns=[*_COLUMNS, "height", "width"])
        return table.sort_values("key", ignore_index=True)

    @functools.cached_property
    def labelled(self) -> pd.DataFrame:
        """The examples of a dataset that has classes."""
        if not self.prepared().labelled:
            raise UnavailableError("the dataset has no classes")
        return self.examples

    def load(self, keys: Iterable[str]) -> None:
        """Reads images of the dataset, all of them in one pass."""
        wanted = set(keys) - set(self._images)
        if not wanted:
            return
        dataset = self.prepared()
        for split in dataset.splits:
            for example in dataset.examples(split):
                if example.values["key"] in wanted:
                    self._images[example.values["key"]] = example.grey()

    def images(self, keys: Iterable[str]) -> list[Grey]:
        """Returns images of the dataset, [H, W] uint8."""
        listed = list(keys)
        self.load(listed)
        return [self._images[key] for key in listed]

    @functools.cached_property
    def plan(self) -> PlanFile:
        """The plan that lies beside the dataset."""
        from cytoimagenet_tfds import curation

        path = self.prepared().folder / PLAN
        if not path.exists():
            raise UnavailableError(f"there is no {PLAN} beside the dataset")
        return curation.read_plan_file(path)

    def channels(self, row: Any) -> list[Any]:
        """Returns the channels of a planned row, read from the raw images."""
        if self.raw is None:
            raise UnavailableError("name the folder of the raw images with --manual_dir")
        root = str(self.raw / str(row.dir_name))
        try:
            return [
                images.decode(files.read_bytes(root, one), one.plane, one.path)
                for one in files.split(row.files)
            ]
        except errors.ImageError as error:
            raise UnavailableError(f"{row.key} cannot be read below {root}: {error}") from error


def choose(table: pd.DataFrame, count: int, seed: int, purpose: str, by: str = "label") -> pd.Index:
    """Returns the rows of at most `count` examples of each value of `by`, by hash(seed, key)."""
    order = pd.Series(hashing.hash_keys(seed, purpose, table["key"]), index=table.index)
    return table.index[order.groupby(table[by].to_numpy()).rank(method="first") <= count]


def choose_names(names: Iterable[str], count: int, seed: int, purpose: str) -> list[str]:
    """Returns at most `count` of the names by hash(seed, name), sorted."""
    found = sorted(set(names))
    hashes: Mapping[str, int] = dict(
        zip(found, hashing.hash_keys(seed, purpose, found).tolist(), strict=True)
    )
    return sorted(sorted(found, key=hashes.__getitem__)[:count])
