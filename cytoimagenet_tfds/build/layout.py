"""What an example of a dataset is made of: its features, and the example itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import features

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


class Layout(Protocol):
    """What a builder may decide about its examples; it travels to the workers."""

    @property
    def extra(self) -> tuple[tuple[str, str], ...]:
        """Columns of the plan beside the schema's that an example needs, with their Arrow types."""

    def features(self, classes: Sequence[str] | None) -> tfds.features.FeaturesDict:
        """Returns the features.

        Args:
          classes: class names in the order of their numbers; () while they are not known yet, None
            for a dataset without classes.
        """

    def example(self, record: Any, png: bytes, classes: Sequence[str] | None) -> dict[str, Any]:
        """Returns one example; `record` has the columns of an example and `extra`."""


class SchemaLayout:
    """Every column of the schema, as in CytoImageNet and its source datasets."""

    extra: tuple[tuple[str, str], ...] = ()

    def features(self, classes: Sequence[str] | None) -> tfds.features.FeaturesDict:
        """As in `features.features`."""
        return features.features(labelled=classes is not None, classes=classes or None)

    def example(self, record: Any, png: bytes, classes: Sequence[str] | None) -> dict[str, Any]:
        """Takes the columns as they are."""
        columns = features.example_columns(labelled=classes is not None)
        return {"image": png, **{c.name: _plain(c, getattr(record, c.name)) for c in columns}}


def _plain(column: schema.Column, value: Any) -> Any:
    return list(value) if column.kind == "texts" else value
