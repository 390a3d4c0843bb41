"""The multichannel variant: channels of a field kept apart, the plan of the merged dataset.

Labels, crops, windows and rejections are those of the merged dataset, key by key: they come from
the merge of the same channels. Transmitted light, masks and electron micrographs are rows of their
own there, so they are images of their own here, and never a channel beside fluorescence; `field`
says which images show one field.
"""

from __future__ import annotations

import dataclasses
import functools
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.build import features, serialize

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

COLOURS = ("red", "green", "blue")  # names of the channels of a colour image
_HEAD = struct.Struct("<BB")  # channels; 1 for colour

_IMAGES = {
    False: "[H, W, C] uint8: each channel stretched between its 0.1th and 99.9th percentile in "
    "the whole field.",
    True: "[H, W, C] uint16: pixels as the source has them.",
}
_CHANNELS = (
    "Stain of each channel in the order of the last axis of `image`, '' where unknown; red, green, "
    "blue for a colour image. A channel that shows several stains has them joined by '/'."
)
_LIMITS = {
    "low": "Level of the source that is black in each channel: its 0.1th percentile in the field.",
    "high": "Level of the source that is white in each channel: its 99.9th percentile.",
}
_OWN = "True for the channels that the image of the merged dataset under the same key is made of."
_COLOUR = "True where the channels are red, green and blue of one colour image."


@dataclasses.dataclass(frozen=True)
class KeepApart:
    """Makes the images of a row with its channels apart; stands in for `images.standardize`.

    Attributes:
      raw: True for pixels as the source has them.
    """

    raw: bool = False

    def __call__(
        self,
        channels: Sequence[Any],
        crops: int,
        rng: np.random.Generator,
        settings: images.PixelSettings,
        segmented: bool = False,
        own: str = "",
    ) -> images.Standardized:
        """As `images.standardize_apart`; `own` has a 1 for each channel of the merged image."""
        chosen = tuple(mark == "1" for mark in own)
        return images.standardize_apart(
            channels, crops, rng, settings, segmented, own=chosen, raw=self.raw
        )


def encode(image: images.Apart) -> bytes:
    """Returns the bytes that lie in a chunk: levels, and the channels below each other as PNG."""
    height, width, count = image.shape
    below = np.moveaxis(image.pixels, -1, 0).reshape(count * height, width)
    levels = np.concatenate([image.low, image.high]).astype("<f8").tobytes()
    head = _HEAD.pack(count, image.colour) + image.own.astype(np.uint8).tobytes()
    return head + levels + images.encode_png(np.ascontiguousarray(below))


def decode(data: bytes) -> images.Apart:
    """Reads back what `encode` made."""
    count, colour = _HEAD.unpack_from(data)
    own_end = _HEAD.size + count
    png = own_end + 2 * 8 * count
    low, high = np.frombuffer(data[own_end:png], "<f8").reshape(2, count).astype(np.float64)
    below = images.decode_png(data[png:])
    pixels = below.reshape(count, -1, below.shape[1])
    return images.Apart(
        np.ascontiguousarray(np.moveaxis(pixels, 0, -1)), low, high,
        np.frombuffer(data[_HEAD.size : own_end], np.uint8).astype(bool), bool(colour),
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class MultichannelLayout:
    """Every column of the schema, and what belongs to each channel.

    Attributes:
      raw: True for pixels as the source has them.
    """

    raw: bool = False
    extra: tuple[tuple[str, str], ...] = (("own", "string"), ("names", "string"))

    def features(self, classes: Sequence[str] | None) -> tfds.features.FeaturesDict:
        """Returns the features of `features.features`, with other `image` and `channels`."""
        import tensorflow_datasets as tfds

        image = tfds.features.Tensor(
            shape=(None, None, None), dtype=np.uint16 if self.raw else np.uint8,
            encoding="zlib", doc=_IMAGES[self.raw],
        )  # fmt: skip
        of_schema = features.features(labelled=classes is not None, classes=classes or None)
        return tfds.features.FeaturesDict({
            **of_schema,
            "image": image,
            "channels": tfds.features.Sequence(tfds.features.Text(), doc=_CHANNELS),
            **{name: _limit(doc) for name, doc in _LIMITS.items()},
            "own": tfds.features.Tensor(shape=(None,), dtype=np.bool_, doc=_OWN),
            "colour": tfds.features.Scalar(np.bool_, doc=_COLOUR),
        })  # fmt: skip

    def serializer(self, classes: Sequence[str] | None) -> serialize.Serializer:
        """Unpacks what `encode` made; lists and tensors are left to TFDS."""
        columns = [c.name for c in features.example_columns(labelled=classes is not None)]
        return serialize.general(self.features(classes), functools.partial(_example, columns))


def _example(columns: Sequence[str], record: Any, packed: bytes) -> dict[str, Any]:
    image = decode(packed)
    values = {name: getattr(record, name) for name in columns}
    return {
        **values,
        "labels": list(values["labels"]),
        "image": image.pixels,
        "channels": list(COLOURS) if image.colour else record.names.split("|"),
        "low": image.low,
        "high": image.high,
        "own": image.own,
        "colour": image.colour,
    }


def _limit(doc: str) -> tfds.features.Tensor:
    import tensorflow_datasets as tfds

    # As bytes: a record of TFDS keeps floats in 32 bits, and merging needs all of them.
    return tfds.features.Tensor(shape=(None,), dtype=np.float64, encoding="bytes", doc=doc)


def merged(example: dict[str, Any]) -> Any:
    """Returns the image of the merged dataset that belongs to an example of this variant.

    Args:
      example: as numpy gives it, with `image`, `low`, `high`, `own`, `colour` and `crop`.

    Returns:
      [H, W] uint8; see `images.merge_apart` for how exact it is.

    Raises:
      ConfigError: the example is not of this variant.
    """
    absent = {"image", "low", "high", "own", "colour", "crop"} - set(example)
    if absent:
        raise errors.ConfigError(
            f"This is no example of a multichannel dataset: it has no {', '.join(sorted(absent))}."
        )
    image = images.Apart(
        np.asarray(example["image"]), np.asarray(example["low"]), np.asarray(example["high"]),
        np.asarray(example["own"]), bool(example["colour"]),
    )  # fmt: skip
    return images.merge_apart(image, crop=bool(example["crop"]))
