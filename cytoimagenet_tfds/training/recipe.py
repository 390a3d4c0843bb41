"""What a recipe is: everything that decides the outcome of a training, in one dataclass."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from cytoimagenet_tfds import errors, hashing

Task = Literal["classification", "multilabel"]

TASKS = ("classification", "multilabel")
POOLINGS = ("avg", "max")
OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine")
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
# loss -> the task it belongs to.
LOSSES = {
    "categorical_crossentropy": "classification",
    "binary_crossentropy": "multilabel",
    "binary_focal_crossentropy": "multilabel",
    "weighted_binary_crossentropy": "multilabel",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Random changes of a training image; each is drawn anew for every image and epoch.

    Attributes:
      rotation: angle drawn from 0 to this many degrees; the border is reflected.
      flips: mirror either axis, each with its own coin.
      zoom: factor drawn between 1 / zoom and zoom, evenly on a logarithmic scale; 1 for none.
      shift: drawn up to this share of the side, each axis by itself.
      brightness: added, up to this share of the range 0 to 255, either way.
      contrast: factor around mid-grey drawn from 1 - contrast to 1 + contrast.
    """

    rotation: float = 0.0
    flips: bool = False
    zoom: float = 1.0
    shift: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0

    @property
    def geometric(self) -> bool:
        """Whether pixels move."""
        return bool(self.rotation or self.flips or self.zoom != 1.0 or self.shift)

    @property
    def photometric(self) -> bool:
        """Whether values change."""
        return bool(self.brightness or self.contrast)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to train and how. Two runs with equal recipes and data are the same training.

    Attributes:
      name: of the recipe.
      task: `classification` (one class, softmax) or `multilabel` (several, sigmoid).
      target: feature that holds the class, or the list of classes or of their names.
      labels: only these classes; () for all.
      model: a class of `keras.applications`, `small` (a few convolutions), or `module:function`;
        the function takes (input_shape, classes, recipe) and returns a `models.Network`.
      weights: '' for random ones, `imagenet`, or a weights file without top.
      pooling: `avg` or `max` over the last feature map.
      dropout: before the last layer.
      image_size: side of the square input, pixels.
      antialias: smooth an image before it is made smaller, as Pillow does.
      augmentation: of training images.
      rare: classes with fewer training images than this are rare; an image that holds one enters
        an epoch several times, see `balance`. 0 for none.
      rare_copies: at most this often.
      augment_rare_only: images are augmented from their second time in an epoch on; all others
        stay as they are.
      compose: '' or `module:function` that maps a batch of images [B, H, W, C] to the channels
        the model sees, for data of several channels; it runs inside the input pipeline.
      batch: images per step, over all devices together.
      epochs: passes through the training split.
      optimizer: `adam`, `adamw` or `sgd` (momentum 0.9).
      learning_rate: highest rate.
      schedule: `constant`, or `cosine` down to zero.
      warmup: epochs over which the rate rises from zero.
      weight_decay: of AdamW.
      loss: '' for the loss of the task: categorical or binary cross-entropy; or a name of LOSSES.
      label_smoothing: of the loss.
      top_k: the second accuracy counts a hit among this many classes.
      patience: epochs without a lower validation loss before the run stops; 0 for never.
      keep_best: use the weights of the epoch with the lowest validation loss, not the last ones.
      precision: Keras' dtype policy.
      seed: every random choice comes from it.
      shuffle: records in the shuffle buffer, still encoded.
      deterministic: TensorFlow takes only operations that repeat bit for bit, at some cost in
        speed. For GPUs; order and augmentation never change, and on a CPU runs repeat without it.
      distances: images per class for the class distances after the training; 0 for none.
      views: predictions are means over this many quarter turns and mirrorings, 1 to 8.
      report: '' or `module:function` that writes more about the finished run; it takes the run
        and returns what joins the summary.
    """

    name: str
    task: Task = "classification"
    target: str = "label"
    labels: tuple[str, ...] = ()
    model: str = "EfficientNetB0"
    weights: str = ""
    pooling: str = "avg"
    dropout: float = 0.2
    image_size: int = 224
    antialias: bool = True
    augmentation: Augmentation = dataclasses.field(default_factory=Augmentation)
    rare: int = 0
    rare_copies: int = 8
    augment_rare_only: bool = False
    compose: str = ""
    batch: int = 64
    epochs: int = 24
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    warmup: float = 0.0
    weight_decay: float = 0.0
    loss: str = ""
    label_smoothing: float = 0.0
    top_k: int = 7
    patience: int = 0
    keep_best: bool = False
    precision: str = "float32"
    seed: int = 0
    shuffle: int = 10_000
    deterministic: bool = False
    distances: int = 100
    views: int = 1
    report: str = ""

    def __post_init__(self) -> None:
        problems = errors.Problems()
        for field, test, expected in _RULES:
            value = getattr(self, field)
            if not test(value):
                problems.add(f"{field} is {value!r}, expected {expected}.")
        for field, test, expected in _AUGMENTATION_RULES:
            value = getattr(self.augmentation, field)
            if not test(value):
                problems.add(f"augmentation.{field} is {value!r}, expected {expected}.")
        if self.augment_rare_only and not self.rare:
            problems.add("augment_rare_only needs rare: a number of images above 0.")
        if self.task in TASKS and LOSSES.get(self.loss_name) != self.task:
            fitting = sorted(name for name, task in LOSSES.items() if task == self.task)
            problems.add(
                f"loss is {self.loss!r}, expected one of {', '.join(fitting)} for {self.task}."
            )
        problems.raise_if_any(errors.ConfigError, f"The recipe {self.name!r} is not valid:")

    @property
    def loss_name(self) -> str:
        """The loss, also where the recipe leaves it to the task."""
        default = {"classification": "categorical_crossentropy"}
        return self.loss or default.get(self.task, "binary_crossentropy")

    def to_dict(self) -> dict[str, Any]:
        """Returns the recipe as JSON types."""
        values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return values

    def digest(self) -> str:
        """Returns 16 hexadecimal digits that stand for all values of the recipe."""
        return hashing.hex_digest(json.dumps(self.to_dict(), sort_keys=True))

    def changed(self, values: Mapping[str, str]) -> Recipe:
        """Returns the recipe with other values, given as text.

        Args:
          values: field -> text; `augmentation.rotation` names a field of the augmentation, and
            a list is written with commas.

        Raises:
          ConfigError: a field does not exist or a text does not fit; all of them at once.
        """
        problems = errors.Problems()
        own: dict[str, Any] = {}
        inner: dict[str, Any] = {}
        for name, text in values.items():
            prefix, _, field = name.rpartition(".")
            target, holder = (inner, self.augmentation) if prefix == "augmentation" else (own, self)
            field = field if prefix == "augmentation" else name
            known = {f.name for f in dataclasses.fields(holder)} - {"augmentation"}
            if field not in known:
                problems.add(errors.unknown_name("field of a recipe", name, known))
                continue
            try:
                target[field] = _parse(getattr(holder, field), text)
            except ValueError as error:
                problems.add(f"{name}={text}: {error}")
        problems.raise_if_any(errors.ConfigError, "These values cannot be set:")
        augmentation = dataclasses.replace(self.augmentation, **inner)
        return dataclasses.replace(self, augmentation=augmentation, **own)


def from_dict(values: Mapping[str, Any]) -> Recipe:
    """Returns the recipe that `Recipe.to_dict` wrote."""
    given = dict(values)
    given["labels"] = tuple(given["labels"])
    given["augmentation"] = Augmentation(**given["augmentation"])
    return Recipe(**given)


def _parse(old: Any, text: str) -> Any:
    if isinstance(old, bool):
        if text.lower() not in ("true", "false"):
            raise ValueError("expected true or false.")
        return text.lower() == "true"
    if isinstance(old, tuple):
        return tuple(filter(None, (part.strip() for part in text.split(","))))
    if isinstance(old, (int, float)):
        try:
            return type(old)(text)
        except ValueError as error:
            raise ValueError(f"expected a number, {type(old).__name__}.") from error
    return text


_Rule = tuple[str, Callable[[Any], bool], str]


def _number(low: float, high: float = math.inf) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, (int, float)) and low <= value <= high


def _above_zero(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 < value < math.inf


def _one_of(field: str, names: tuple[str, ...]) -> _Rule:
    return field, lambda value: value in names, f"one of {', '.join(names)}"


_RULES: tuple[_Rule, ...] = (
    _one_of("task", TASKS),
    _one_of("pooling", POOLINGS),
    _one_of("optimizer", OPTIMIZERS),
    _one_of("schedule", SCHEDULES),
    _one_of("precision", PRECISIONS),
    ("image_size", _number(8, 4096), "8 to 4096 pixels"),
    ("batch", _number(1), "1 or more"),
    ("epochs", _number(0), "0 or more"),
    ("top_k", _number(1), "1 or more"),
    ("patience", _number(0), "0 or more"),
    ("shuffle", _number(1), "1 or more"),
    ("rare", _number(0), "0 or more"),
    ("rare_copies", _number(1), "1 or more"),
    ("views", _number(1, 8), "1 to 8"),
    ("distances", lambda value: value == 0 or value >= 2, "0, or 2 or more"),
    ("dropout", _number(0, 0.95), "0 to 0.95"),
    ("label_smoothing", _number(0, 0.95), "0 to 0.95"),
    ("weight_decay", _number(0), "0 or more"),
    ("warmup", _number(0), "0 or more"),
    ("learning_rate", _above_zero, "a number above 0"),
)
_AUGMENTATION_RULES: tuple[_Rule, ...] = (
    ("rotation", _number(0, 360), "0 to 360 degrees"),
    ("zoom", _number(1, 4), "1 to 4"),
    ("shift", _number(0, 0.5), "0 to 0.5"),
    ("brightness", _number(0, 1), "0 to 1"),
    ("contrast", _number(0, 1), "0 to 1"),
)
