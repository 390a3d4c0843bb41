"""What is wrong with single examples: their columns, their image, their bounds."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cytoimagenet_tfds import errors, images, schema
from cytoimagenet_tfds.build import examples_apart

CROP = re.compile(r"[#&]crop=\d+$")
_KINDS = {"bytes_list": bytes, "int64_list": int, "float_list": float}
_SEQUENCES = tuple(column.name for column in schema.COLUMNS if column.kind == "texts")
_IMAGE = ("image", "image/shape", "image/value")
_MOST_PIXELS = 2**28  # of an image whose header is believed
_IHDR = slice(16, 24)  # width and height in a PNG


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

    def __call__(self, record: bytes) -> tuple[dict[str, Any], list[str]]:
        """Returns what identifies an example, and its problems."""
        from tensorflow_datasets.proto import tf_example_pb2

        try:
            parsed = tf_example_pb2.Example.FromString(record)
        except Exception as error:  # protobuf's own error has moved between its versions
            return {"key": ""}, [f"record is no example ({type(error).__name__})"]
        stored = parsed.features.feature
        if set(stored) != set(self.columns):
            differing = sorted(set(stored) ^ set(self.columns))
            return {"key": _key(stored)}, [f"columns differ: {', '.join(differing)}"]
        values: dict[str, Any] = {}
        pixels: dict[str, Any] = {}
        problems: list[str] = []
        for name, kind, several, into_text in self._reading:
            found = getattr(stored[name], kind).value
            if several:
                (pixels if name in _IMAGE else values)[name] = [_text(value) for value in found]
            elif len(found) != 1:
                problems.append(f"{name} holds {len(found)} values of {kind}, expected one")
            elif into_text:
                values[name] = found[0].decode(errors="replace")
            else:
                (pixels if name in _IMAGE else values)[name] = found[0]
        if problems:
            return {"key": _key(stored)}, problems
        for check in _CHECKS:
            problems += check(self, values)
        return self._identity(values), problems + self._pixels(values, pixels)

    @functools.cached_property
    def _reading(self) -> list[tuple[str, str, bool, bool]]:
        """Each column, its list, whether it holds any number of values, whether one of text."""
        return [
            (name, kind, name in self.several, kind == "bytes_list" and name not in _IMAGE)
            for name, kind in self.columns.items()
        ]

    def _identity(self, values: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: values.get(name, "") for name in ("key", "group", "path", "filename")}
        kept["label"] = _name(self.classes, values.get("label"))
        kept["category"] = _name(self.categories, values.get("category"))
        return kept

    def _pixels(self, values: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
        if self.shape is None and "image" in stored:
            return self._png(values, stored["image"])
        # TFDS stores the sides beside the pixels where more than one of them varies.
        sides = stored.get("image/shape", self.shape)
        packed = stored.get("image/value", stored.get("image"))
        return examples_apart.problems(values, sides, packed, self.dtype, self.shape)

    def _png(self, values: Mapping[str, Any], png: bytes) -> list[str]:
        width, height = (int.from_bytes(png[_IHDR][at : at + 4], "big") for at in (0, 4))
        if "y_max" in values:
            sides = tuple(values[f"{axis}_max"] - values[f"{axis}_min"] for axis in "yx")
            if sides != (height, width):
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


def _is_whole_grey(png: bytes) -> bool:
    """False for other pixels than 8-bit grey; raises where the pixels cannot be unpacked."""
    try:
        images.check_grey_png(png, _MOST_PIXELS)
    except errors.ImageError as error:
        if error.reason != "not 8-bit grey":
            raise
        return False
    return True


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _key(stored: Any) -> str:
    texts = stored["key"].bytes_list.value if "key" in stored else []
    return texts[0].decode(errors="replace") if texts else ""


def _name(names: Sequence[str] | None, number: Any) -> str:
    return names[number] if names and number is not None and 0 <= number < len(names) else ""


def _class(checker: Checker, values: Mapping[str, Any]) -> list[str]:
    """The label stands in the column its category names, and among all labels.

    Without categories it need only be a class, or -1 for none.
    """
    if checker.classes is None:
        return []
    if checker.categories is None or "category" not in values:
        fits = -1 <= values.get("label", -1) < len(checker.classes)
        return [] if fits else [f"label {values['label']} has no name"]
    label = _name(checker.classes, values["label"])
    category = _name(checker.categories, values["category"])
    if not label or not category:
        return [f"label {values['label']} or category {values['category']} has no name"]
    if label not in schema.split_tokens(values[category]):
        return [f"label is not a value of its column {category}"]
    return [] if label in values["labels"] else ["label is not among labels"]


def _crop(_: Checker, values: Mapping[str, Any]) -> list[str]:
    """Bounds, scaling, and the flag of a crop fit each other and the key."""
    if "crop" not in values:
        return []
    problems = []
    if bool(values["crop"]) != bool(CROP.search(values["key"])):
        problems.append("crop and the key differ")
    if min(values["x_min"], values["y_min"]) < 0:
        problems.append("bounds are negative")
    scaling = values["scaling"]
    whole = not values["crop"]
    if not (math.isfinite(scaling) and 0 < scaling <= 1) or (whole and scaling != 1):
        problems.append("scaling is not that of a crop or of a whole image")
    if whole and (values["x_min"], values["y_min"]) != (0, 0):
        problems.append("a whole image does not begin at 0")
    return problems


_CHECKS: tuple[Callable[[Checker, Mapping[str, Any]], list[str]], ...] = (_class, _crop)
