"""The schema as TFDS features."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import schema

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

# What only CytoImageNet assigns; the source datasets leave these columns out.
LABEL_COLUMNS = ("label", "category")

_IMAGE_DOC = (
    "[H, W, 1] uint8: the merged channels, stretched between their 0.1th and 99.9th percentile."
)


def features(*, labelled: bool, classes: Iterable[str] | None = None) -> tfds.features.FeaturesDict:
    """Returns the features of an example.

    Args:
      labelled: True for CytoImageNet, False for a source dataset, which has no `label` and no
        `category`.
      classes: class names in the order of their numbers; None while they are not known yet.

    Returns:
      `image` and every example column of the schema, each with its `doc`.
    """
    import tensorflow_datasets as tfds

    image = tfds.features.Image(shape=(None, None, 1), encoding_format="png", doc=_IMAGE_DOC)
    columns = example_columns(labelled=labelled)
    return tfds.features.FeaturesDict({
        "image": image, **{c.name: feature(c, classes) for c in columns},
    })  # fmt: skip


def example_columns(*, labelled: bool) -> tuple[schema.Column, ...]:
    """Returns the columns of an example, in order, with or without those of the class."""
    return tuple(
        column
        for column in schema.columns("example")
        if labelled or column.name not in LABEL_COLUMNS
    )


def feature(column: schema.Column, classes: Iterable[str] | None = None) -> Any:
    """Returns the feature of one column; `classes` names those of a `class` column."""
    import numpy as np
    import tensorflow_datasets as tfds

    make: Mapping[schema.Kind, Callable[..., Any]] = {
        "text": tfds.features.Text,
        "tokens": tfds.features.Text,
        "int": lambda doc: tfds.features.Scalar(np.int32, doc=doc),
        "float": lambda doc: tfds.features.Scalar(np.float32, doc=doc),
        "bool": lambda doc: tfds.features.Scalar(np.bool_, doc=doc),
        "texts": lambda doc: tfds.features.Sequence(tfds.features.Text(), doc=doc),
        "class": lambda doc: _class_label(column.name, classes, doc),
    }
    return make[column.kind](doc=column.doc)


def _class_label(name: str, classes: Iterable[str] | None, doc: str) -> Any:
    import tensorflow_datasets as tfds

    # The categories are the same in every build; the classes are known after the quality checks.
    names = schema.CATEGORIES if name == "category" else classes
    if names is None:
        return tfds.features.ClassLabel(doc=doc)
    return tfds.features.ClassLabel(names=list(names), doc=doc)
