"""What an example of a dataset is made of: its features, and how it becomes bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from cytoimagenet_tfds.build import features, serialize

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

    def serializer(self, classes: Sequence[str] | None) -> serialize.Serializer:
        """Returns what makes the bytes of examples.

        It is given lines with the columns of an example and `extra`.
        """


@dataclasses.dataclass(frozen=True)
class SchemaLayout:
    """Every column of the schema, as in CytoImageNet and its source datasets.

    Attributes:
      sizes_in_images: as in `serialize.flat`.
    """

    sizes_in_images: bool = False
    extra: tuple[tuple[str, str], ...] = ()

    def features(self, classes: Sequence[str] | None) -> tfds.features.FeaturesDict:
        """As in `features.features`."""
        return features.features(labelled=classes is not None, classes=classes or None)

    def serializer(self, classes: Sequence[str] | None) -> serialize.Serializer:
        """Takes the columns as they are."""
        return serialize.flat(self.features(classes), sizes_in_images=self.sizes_in_images)
