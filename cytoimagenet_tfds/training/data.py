"""The prepared dataset a training reads: its classes, counts and provenance."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, prepared, wording

if TYPE_CHECKING:
    import pandas as pd
    import tensorflow_datasets as tfds

    from cytoimagenet_tfds.training.recipe import Recipe

TRAIN, VALIDATION = "train", "validation"
RANDOM_ACCESS = ("array_record", "parquet")  # formats that tfds.data_source reads
_SHOWN, _MANY = 10, 40  # unknown and known labels that an error names
_COLUMNS = ("category", "dir_name", "licence")


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A prepared dataset with the classes that a recipe chooses from it.

    Attributes:
      builder: the TFDS builder, prepared.
      target: name of the feature that holds the class or classes.
      classes: class names in the order of the model's outputs.
      values: what stands in the target feature for each class: a number, or its name as bytes.
      chosen: whether the classes are fewer than those of the dataset.
      copies: how often a training image of each class enters an epoch; () for once.
    """

    builder: Any
    target: str
    classes: tuple[str, ...]
    values: tuple[int, ...] | tuple[bytes, ...]
    chosen: bool
    copies: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Name, config and version: cytoimagenet/sample/1.0.0."""
        return str(self.builder.info.full_name)

    @property
    def channels(self) -> int:
        """Channels of an image."""
        return int(self.builder.info.features["image"].shape[-1])

    @property
    def several(self) -> bool:
        """Whether an image may have several classes."""
        return hasattr(self.builder.info.features[self.target], "feature")

    @property
    def random_access(self) -> bool:
        """Whether the files are read by `tfds.data_source`; else by `tfds.load`."""
        return self.builder.info.file_format.value in RANDOM_ACCESS

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns beside image and target that the dataset has of those that are reported."""
        return tuple(name for name in _COLUMNS if name in self.builder.info.features)

    @functools.cached_property
    def plan_hash(self) -> str:
        """Hash of the plan as the build noted it beside the data, '' where it did not."""
        path = os.path.join(os.fspath(self.builder.data_dir), "metadata.json")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as file:
            return str(json.load(file).get("plan", ""))

    def category_names(self) -> list[str]:
        """Names of the categories, [] where the dataset has none."""
        features = self.builder.info.features
        return list(features["category"].names) if "category" in features else []


class Records(Sequence[dict[str, Any]]):
    """Records of a split by number, with some of their features only.

    Args:
      builder: prepared in a format of random access.
      split: name of the split.
      features: the features to decode; the others are not looked at.
    """

    def __init__(self, builder: Any, split: str, features: Iterable[str]) -> None:
        import tensorflow_datasets as tfds

        wanted = tfds.decode.PartialDecoding(dict.fromkeys(features, True))
        self._features = wanted.extract_features(builder.info.features)
        # A data source takes no PartialDecoding, so its records are decoded here.
        self._source = builder.as_data_source(
            split=split, deserialize_method=tfds.core.decode.DeserializeMethod.RAW_BYTES
        )

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, number: Any) -> Any:
        """Returns feature -> value as NumPy has it."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._features.deserialize_example_np(self._source[number])


def open_builder(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    """Returns the builder of a prepared dataset; raises ConfigError where there is none."""
    return prepared.find_builder(name, data_dir)


def open_dataset(recipe: Recipe, builder: tfds.core.DatasetBuilder) -> Dataset:
    """Checks that a dataset fits a recipe and returns it with the recipe's classes.

    Raises:
      ConfigError: a split is missing or empty, features or labels are missing, or there are fewer
        than two classes; all problems at once.
    """
    problems = errors.Problems()
    info = builder.info
    for split in (TRAIN, VALIDATION):
        if split not in info.splits or not info.splits[split].num_examples:
            found = ", ".join(f"{n} ({i.num_examples:,})" for n, i in sorted(info.splits.items()))
            problems.add(f"The split {split!r} is missing or empty; there are {found or 'none'}.")
    for feature in ("image", "key", recipe.target):
        if feature not in info.features:
            problems.add(f"There is no feature {feature!r}; there are {', '.join(info.features)}.")
    problems.raise_if_any(errors.ConfigError, f"{info.full_name} cannot be trained on:")
    dataset = _with_classes(recipe, builder, problems)
    if len(dataset.classes) < 2:
        found = ", ".join(map(repr, dataset.classes)) or "none"
        problems.add(f"The classes are {found}; expected two or more.")
    if dataset.several and recipe.task == "classification":
        problems.add(f"{recipe.target!r} holds several classes; use --set task=multilabel.")
    if not dataset.several and recipe.task == "multilabel":
        problems.add(f"{recipe.target!r} holds one class; use --set target=labels.")
    problems.raise_if_any(errors.ConfigError, f"{info.full_name} cannot be trained on:")
    return dataset


def _with_classes(recipe: Recipe, builder: Any, problems: errors.Problems) -> Dataset:
    feature = builder.info.features[recipe.target]
    names = getattr(getattr(feature, "feature", feature), "names", None)
    # A list of texts has no vocabulary of its own: that of the single label stands in.
    numbered = names is not None
    if names is None:
        features = builder.info.features
        names = features["label"].names if "label" in features else []
    unknown = [label for label in recipe.labels if label not in names]
    for label in unknown[:_SHOWN]:
        problems.add(errors.unknown_name("label", label, names).partition(" Known:")[0])
    if len(unknown) > _SHOWN:
        problems.add(
            f"{wording.counted(len(unknown) - _SHOWN, 'more label')} that the dataset does not "
            "have."
        )
    if unknown:
        problems.add(f"The dataset has {wording.counted(len(names), 'label')}: {_some(names)}.")
    classes = tuple(name for name in names if not recipe.labels or name in recipe.labels)
    values: Any = (
        tuple(names.index(name) for name in classes)
        if numbered
        else tuple(name.encode() for name in classes)
    )
    return Dataset(builder, recipe.target, classes, values, len(classes) < len(names))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY:,} more" if len(names) > _MANY else ""
    return ", ".join(names[:_MANY]) + more


@dataclasses.dataclass(frozen=True)
class Counts:
    """What the splits hold of the chosen classes.

    Attributes:
      examples: split -> images.
      classes: one row per class, in the order of `Dataset.classes`: label, category (the most
        frequent one of its images), train, validation.
      licences: one row per source and licence: source, licence, images.
      sets: numbers of classes -> training images that hold exactly these.
    """

    examples: dict[str, int]
    classes: pd.DataFrame
    licences: pd.DataFrame
    sets: dict[tuple[int, ...], int]

    def check(self, name: str) -> None:
        """Raises ConfigError where a split is empty or a class has nothing to learn from."""
        problems = errors.Problems()
        for split, count in self.examples.items():
            if not count:
                problems.add(f"No image of the split {split!r} belongs to the chosen classes.")
        missing = self.classes.loc[self.classes[TRAIN] == 0, "label"].tolist()
        if len(missing) > len(self.classes) - 2:
            problems.add(f"Fewer than two classes have training images; without: {missing[:10]}.")
        problems.raise_if_any(errors.ConfigError, f"{name} cannot be trained on:")
