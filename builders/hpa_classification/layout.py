"""What an example is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds.build import serialize
from cytoimagenet_tfds.sources.kaggle import kag_hpa

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

STRUCTURES = kag_hpa.LABELS.structures
"""The 28 structures; the place of a name is its number."""

_IMAGE = (
    "[H, W, 4] uint8, values as in the source: red (microtubules), green (the protein), blue "
    "(nucleus), yellow (endoplasmic reticulum). The fourth channel is not transparency."
)
_TEXTS = {
    "key": "Identity of the image: dir_name and id.",
    "id": "Id of the image as published.",
    "group": "What must not be divided between splits; hpa:<id>, the same in CytoImageNet.",
    "dir_name": "kag_hpa for the competition, hpa_v18 for release 18 of the atlas.",
    "licence": "Licence of the images, 'unknown' where none was found.",
}
_NUMBERS = {
    "fold": "Fold of a labelled image of the competition, -1 for all others.",
    "in_hpa_2021": "1 where the image is also in the competition of 2021, 0 where not, -1 unknown.",
}


class HpaLayout:
    """Image, structures, and where the image comes from."""

    extra = (
        ("id", "string"), ("structures", "string"), ("fold", "int64"), ("in_hpa_2021", "int64"),
    )  # fmt: skip

    def features(self, classes: Sequence[str] | None) -> tfds.features.FeaturesDict:
        """Returns the features; the 28 structures are fixed."""
        import numpy as np
        import tensorflow_datasets as tfds

        label = tfds.features.ClassLabel(names=list(STRUCTURES))
        doc = "1 where the protein is in the structure, [28] uint8."
        return tfds.features.FeaturesDict({
            "image": tfds.features.Image(shape=(None, None, 4), encoding_format="png", doc=_IMAGE),
            "labels": tfds.features.Sequence(
                label, doc="Numbers of the structures the protein is in, rising."
            ),
            "multi_hot": tfds.features.Tensor(shape=(len(STRUCTURES),), dtype=np.uint8, doc=doc),
            **{name: tfds.features.Text(doc=doc) for name, doc in _TEXTS.items()},
            **{name: tfds.features.Scalar(np.int32, doc=doc) for name, doc in _NUMBERS.items()},
        })  # fmt: skip

    def serializer(self, classes: Sequence[str] | None) -> serialize.Serializer:
        """Leaves the vector of structures to TFDS."""
        return serialize.general(self.features(classes), _example)


def _example(record: Any, png: bytes) -> dict[str, Any]:
    """Returns one example; `structures` of the record are numbers with a space between."""
    numbers = [int(number) for number in record.structures.split()]
    return {
        "image": png,
        "labels": numbers,
        "multi_hot": multi_hot(numbers),
        **{name: getattr(record, name) for name in (*_TEXTS, *_NUMBERS)},
    }


def multi_hot(numbers: Sequence[int]) -> Any:
    """Returns [28] uint8 with ones at the numbers."""
    import numpy as np

    vector = np.zeros(len(STRUCTURES), dtype=np.uint8)
    vector[list(numbers)] = 1
    return vector
