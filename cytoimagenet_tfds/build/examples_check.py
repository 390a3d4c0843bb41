"""What is wrong with single examples: their columns, their image, their bounds."""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cytoimagenet_tfds import errors, images, schema
from cytoimagenet_tfds.build import examples_apart, identities

CROP = r"[#&]crop=\d+$"
"""How the key of a crop ends."""

_IS_CROP = re.compile(CROP)
_LISTS = ("bytes_list", "int64_list", "float_list")
_SEQUENCES = tuple(column.name for column in schema.COLUMNS if column.kind == "texts")
_TEXTS = ("key", "group", "path", "filename")
_CROP_COLUMNS = ("crop", "scaling", "x_min", "y_min")
_MOST_PIXELS = 2**28  # of an image whose header is believed
_IHDR, _SIDES = slice(16, 24), struct.Struct(">II")  # width and height in a PNG

Stored = Mapping[str, Sequence[Any]]  # column -> its values as the record holds them
Checked = tuple[identities.Identity, list[str]]  # an example and its problems


@dataclasses.dataclass(frozen=True)
class Checker:
    """Checks serialized examples; it is called from many threads.

    Attributes:
      columns: column -> name of the list it is stored in.
      channels: samples of a pixel.
      classes: class names by number; None for a dataset without classes.
      categories: category names by number, as `classes`.
      several: columns that hold any number of values.
      dtype: type of the pixels.
      shape: sides of an image that is stored as compressed pixels, None where they vary; None for
        images stored as PNG.
    """

    columns: Mapping[str, str]
    channels: int
    classes: tuple[str, ...] | None
    categories: tuple[str, ...] | None
    several: tuple[str, ...] = _SEQUENCES
    dtype: str = "uint8"
    shape: tuple[int | None, ...] | None = None

    def __call__(self, record: bytes) -> Checked:
        """Returns what identifies an example, and its problems."""
        try:
            features = _example().FromString(record).features.feature
        except Exception as error:  # protobuf's own error has moved between its versions
            return identities.Identity(), [f"record is no example ({type(error).__name__})"]
        found = len(features)
        stored = {name: values(features[name]) for name, values in self._readers}
        # To ask a message for a column that it does not have adds the column, without values.
        if not found == len(features) == len(self.columns):
            return self._other_columns(record)
        if set(map(len, self._single(stored))) != {1}:
            return self._other_lengths(stored)
        identity = self._identity(stored)
        problems = _class(self, stored, identity) + _crop(stored, identity) + self._pixels(stored)
        return identity, problems

    @functools.cached_property
    def _readers(self) -> list[tuple[str, Callable[[Any], Sequence[Any]]]]:
        """Each column with what takes its values out of a feature."""
        readers = {kind: operator.attrgetter(f"{kind}.value") for kind in _LISTS}
        return [(name, readers[kind]) for name, kind in self.columns.items()]

    @functools.cached_property
    def _single(self) -> Callable[[Stored], tuple[Sequence[Any], ...]]:
        """Takes the columns that hold one value."""
        names = [name for name in self.columns if name not in self.several]
        return operator.itemgetter(*names)

    def _other_columns(self, record: bytes) -> Checked:
        features = _example().FromString(record).features.feature
        differing = sorted(set(features) ^ set(self.columns))
        key = _text(features["key"].bytes_list.value) if "key" in features else ""
        return identities.Identity(key), [f"columns differ: {', '.join(differing)}"]

    def _other_lengths(self, stored: Stored) -> Checked:
        return identities.Identity(_text(stored.get("key"))), [
            f"{name} holds {len(stored[name])} values of {kind}, expected one"
            for name, kind in self.columns.items()
            if name not in self.several and len(stored[name]) != 1
        ]

    def _identity(self, stored: Stored) -> identities.Identity:
        texts = [_text(stored.get(name)) for name in _TEXTS]
        numbered = {"label": self.classes, "category": self.categories}
        names = [_name(names, stored.get(column)) for column, names in numbered.items()]
        return identities.Identity(*texts, *names)

    def _pixels(self, stored: Stored) -> list[str]:
        if self.shape is None and "image" in stored:
            return self._png(stored)
        # TFDS stores the sides beside the pixels where more than one of them varies.
        sides: Sequence[Any] = stored.get("image/shape") or self.shape or ()
        (packed,) = stored["image/value" if "image/value" in stored else "image"]
        return examples_apart.problems(stored, sides, packed, self.dtype, self.shape)

    def _png(self, stored: Stored) -> list[str]:
        (png,) = stored["image"]
        width, height = _SIDES.unpack(png[_IHDR].ljust(_SIDES.size, b"\0"))
        if "y_max" in stored and (sides := examples_apart.bounds(stored)) != (height, width):
            return [f"image is {height} x {width}, its bounds say {sides[0]} x {sides[1]}"]
        if not 0 < width * height <= _MOST_PIXELS:
            return [f"image claims {height} x {width} pixels"]
        try:
            if self.channels == 1 and _is_whole_grey(png):
                return []
            image = images.decode_png(png)
        except errors.ImageError as error:
            return [f"image cannot be decoded ({error.reason})"]
        found = image.shape[2] if image.ndim == 3 else 1
        if found != self.channels or image.dtype.name != "uint8":
            return [f"image is {image.dtype} of {found} channels, expected {self.channels}, uint8"]
        return []


@functools.cache
def _example() -> Any:
    from tensorflow_datasets.proto import tf_example_pb2

    return tf_example_pb2.Example


def _is_whole_grey(png: bytes) -> bool:
    """False for other pixels than 8-bit grey; raises where the pixels cannot be unpacked."""
    try:
        images.check_grey_png(png, _MOST_PIXELS)
    except errors.ImageError as error:
        if error.reason != "not 8-bit grey":
            raise
        return False
    return True


def _text(values: Sequence[bytes] | None) -> str:
    return values[0].decode(errors="replace") if values else ""


def _name(names: Sequence[str] | None, values: Sequence[int] | None) -> str:
    return names[values[0]] if names and values and 0 <= values[0] < len(names) else ""


def _class(checker: Checker, stored: Stored, identity: identities.Identity) -> list[str]:
    """The label stands in the column its category names, and among all labels.

    Without categories it need only be a class, or -1 for none.
    """
    if checker.classes is None:
        return []
    number = stored["label"][0] if "label" in stored else -1
    if checker.categories is None or "category" not in stored:
        fits = -1 <= number < len(checker.classes)
        return [] if fits else [f"label {number} has no name"]
    label, category = identity.label, identity.category
    if not label or not category:
        return [f"label {number} or category {stored['category'][0]} has no name"]
    if label not in schema.split_tokens(_text(stored[category])):
        return [f"label is not a value of its column {category}"]
    return [] if label.encode() in stored["labels"] else ["label is not among labels"]


def _crop(stored: Stored, identity: identities.Identity) -> list[str]:
    """Bounds, scaling, and the flag of a crop fit each other and the key."""
    if "crop" not in stored:
        return []
    crop, scaling, x_min, y_min = (stored[name][0] for name in _CROP_COLUMNS)
    problems = []
    if bool(crop) != bool(_IS_CROP.search(identity.key)):
        problems.append("crop and the key differ")
    if min(x_min, y_min) < 0:
        problems.append("bounds are negative")
    if not (math.isfinite(scaling) and 0 < scaling <= 1) or (not crop and scaling != 1):
        problems.append("scaling is not that of a crop or of a whole image")
    if not crop and (x_min, y_min) != (0, 0):
        problems.append("a whole image does not begin at 0")
    return problems
