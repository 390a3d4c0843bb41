"""An example to bytes, several times as fast as TFDS does it, with the same content.

TFDS walks through forty columns by general rules for every example; here the rule of each column is
chosen once. Features that are not flat are left to TFDS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

Serializer = Callable[[Mapping[str, Any]], bytes]
_Rule = tuple[str, str, Callable[[Any], Sequence[Any]]]  # column, its list, value -> its items


def general(described: tfds.features.FeaturesDict) -> Serializer:
    """Returns TFDS' own way, for any features."""
    from tensorflow_datasets.core import example_serializer

    serializer = example_serializer.ExampleSerializer(described.get_serialized_info())
    return lambda example: bytes(serializer.serialize_example(described.encode_example(example)))


def fast(described: tfds.features.FeaturesDict) -> Serializer:
    """Returns the function that turns one example into the bytes of a tf.train.Example.

    Args:
      described: features of text, numbers, classes and one image, which is given as PNG bytes;
        with any other it is the general way.
    """
    from tensorflow_datasets.proto import tf_example_pb2

    rules = [_rule(name, feature) for name, feature in described.items()]
    known = [rule for rule in rules if rule is not None]
    if len(known) < len(rules):
        return general(described)

    def serialize(example: Mapping[str, Any]) -> bytes:
        message = tf_example_pb2.Example()
        stored = message.features.feature
        for name, kind, items in known:
            getattr(stored[name], kind).value.extend(items(example[name]))
        return bytes(message.SerializeToString())

    return serialize


def _rule(name: str, feature: Any) -> _Rule | None:
    """Returns how a column is stored, None where TFDS has to decide."""
    import numpy as np
    import tensorflow_datasets as tfds

    kinds = tfds.features
    if type(feature) is kinds.Text:
        return name, "bytes_list", lambda text: (text.encode(),)
    if type(feature) is kinds.Image:
        return name, "bytes_list", lambda png: (png,)
    if type(feature) is kinds.ClassLabel:
        numbers = {label: number for number, label in enumerate(feature.names)}
        return name, "int64_list", lambda label: (numbers[label],)
    if type(feature) is kinds.Sequence and type(feature.feature) is kinds.Text:
        return name, "bytes_list", lambda texts: [text.encode() for text in texts]
    if type(feature) is kinds.Scalar:
        if np.dtype(feature.np_dtype).kind == "f":
            return name, "float_list", lambda value: (float(value),)
        return name, "int64_list", lambda value: (int(value),)
    return None
