"""What decides the content of the dataset, validated."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from cytoimagenet_tfds import errors, hashing

SIZES = ("png", "full_size")
DUPLICATES = ("same", "similar", "none")
PROBLEMS = ("stop", "leave_out")
MIN_FOLDS = 3  # train, validation, test


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rules:
    """What enters the dataset and how it is divided.

    Attributes:
      size: `png`, 512 pixels, or `full_size`, the TIFF files.
      external: whether the images of the atlas' release 18 join the training split.
      duplicates: which images stay together: `same` files, also `similar` pictures (every image
        is read once for that), or `none`.
      folds: number of folds; the first is the test split, the second the validation split.
      problems: `stop` before any work, or `leave_out` the images that are not as they should be.
      seed: seed of folds and order.
    """

    size: str = "png"
    external: bool = False
    duplicates: str = "same"
    folds: int = 10
    problems: str = "stop"
    seed: int = 0

    def __post_init__(self) -> None:
        problems = errors.Problems()
        choices = {"size": SIZES, "duplicates": DUPLICATES, "problems": PROBLEMS}
        for field, known in choices.items():
            if getattr(self, field) not in known:
                problems.add(errors.unknown_name(field, str(getattr(self, field)), known))
        if not isinstance(self.folds, int) or self.folds < MIN_FOLDS:
            problems.add(f"folds is {self.folds!r}, expected {MIN_FOLDS} or more.")
        problems.raise_if_any(errors.ConfigError, "The config of hpa_classification is not valid:")

    @property
    def digest(self) -> str:
        """Hash of all values."""
        return hashing.hex_digest(json.dumps(self.to_dict(), sort_keys=True), length=8)

    def to_dict(self) -> dict[str, Any]:
        """Returns the values as JSON types."""
        return dataclasses.asdict(self)


def from_values(values: dict[str, Any]) -> Rules:
    """Returns the rules with these values; raises ConfigError for names that do not exist."""
    known = {field.name for field in dataclasses.fields(Rules)}
    problems = errors.Problems()
    for name in sorted(set(values) - known):
        problems.add(errors.unknown_name("rule", name, known))
    problems.raise_if_any(errors.ConfigError, "The config of hpa_classification is not valid:")
    return Rules(**values)
