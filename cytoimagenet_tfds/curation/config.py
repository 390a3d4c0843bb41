"""Every number of the curation rules: one immutable, validated, documented value."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Literal

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.curation import _checks

Protocol = Literal["default", "paper_release"]
Strata = Literal["labels", "reference"]
Split = Literal["group", "paper"]

# Counted up when the same values would give another plan: old folders are not taken for new ones.
RULES_VERSION = 1
RELEASE_MIN_CLASS = 500  # images of the smallest class of the published dataset


@dataclasses.dataclass(frozen=True, kw_only=True)
class CurationConfig:
    """The rules by which rows become classes.

    `sources`, `licences`, `modalities` and `categories` say which rows and columns take part at
    all. `labels` picks finished classes, so that their images are those they have beside all
    others.

    Attributes:
      sources: dir_names that take part, () for every source of the table.
      licences: licences that take part (SPDX identifiers), () for all.
      modalities: reasons in the column `excluded` that are put back ('histopathology').
      categories: label columns that give classes, () for all seven.
      labels: the only classes to keep, () for all.
      seed: of every random choice.
      min_images: rows a label needs to be a candidate, and unused rows it needs at its turn.
      min_class: images a class needs after quality checks, applied when the dataset is built;
        0 stands for `min_images`, for 500 under the protocol 'paper_release', and for 1 with
        `unseen`.
      target: rows per class in the plan.
      cap: images per class in the dataset, crops counted.
      presample: rows above which a label is first sampled down by dataset, organism and cell type.
      crops_per_image: pairs (rows, crops) in rising order: a class of fewer rows than the first
        number of a pair gets its crops from every image; from the last number on it is 1.
      supplement: fill classes short of `target` with unused rows. That changes nothing unless
        `labels` leaves classes out and so frees their rows.
      unseen: 0 for the classes themselves; N for the N largest labels below `min_images`
        instead, from rows that no class uses, to test with classes nobody trained on.
      protocol: 'default', or 'paper_release' for the minimum of 500 of the published dataset.
      strata: 'labels' samples evenly over all label columns but the label's own; 'reference'
        over the columns the reference implementation used.
      split: 'group' never divides a group between the splits; 'paper' draws each image by itself.
      validation_fraction: share of a class's images in the split validation.
      vocabulary: apply the vocabulary of the package.
      replacements: more of it: (column or '*', value, values to write, '' for no label).

    Raises:
      ConfigError: a value is of a wrong type, out of its range, or contradicts another; all at
        once.
    """

    sources: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    seed: int = 0
    min_images: int = 287
    min_class: int = 0
    target: int = 1000
    cap: int = 1000
    presample: int = 10_000
    crops_per_image: tuple[tuple[int, int], ...] = ((400, 4), (550, 3), (1000, 2))
    supplement: bool = False
    unseen: int = 0
    protocol: Protocol = "default"
    strata: Strata = "labels"
    split: Split = "group"
    validation_fraction: float = 0.1
    vocabulary: bool = True
    replacements: tuple[tuple[str, str, str], ...] = ()

    def __post_init__(self) -> None:
        problems = errors.Problems()
        for field in dataclasses.fields(self):
            value = _checks.immutable(getattr(self, field.name))
            object.__setattr__(self, field.name, value)
            _checks.check_type(field.name, value, field.default, problems)
        # Wrong types would only make the checks of values fail in their own way.
        problems.raise_if_any(errors.ConfigError, "The curation config is not valid:")
        if self.min_class == 0:
            object.__setattr__(self, "min_class", self._default_min_class())
        for name in ("sources", "licences", "modalities", "categories", "labels"):
            # Sets of names: their order and repetition mean nothing.
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        _checks.check_values(self, problems)
        problems.raise_if_any(errors.ConfigError, "The curation config is not valid:")

    def _default_min_class(self) -> int:
        if self.unseen:
            return 1
        return RELEASE_MIN_CLASS if self.protocol == "paper_release" else self.min_images

    @property
    def name(self) -> str:
        """Name of the dataset config: 'sources-' and a hash that differs where a value differs."""
        return f"sources-{self.digest}"

    @property
    def digest(self) -> str:
        """Hash of the values that are not the default, the same on every machine."""
        default = {f.name: _checks.plain(f.default) for f in dataclasses.fields(self)}
        values = {k: v for k, v in self.to_dict().items() if v != default[k]}
        text = json.dumps(values, sort_keys=True)
        return hashing.hex_digest("curation", RULES_VERSION, text, length=12)

    def to_dict(self) -> dict[str, Any]:
        """Returns the values as JSON types, in the order of the fields."""
        return {f.name: _checks.plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    def to_json(self) -> str:
        """Returns the values as JSON text, which `from_json` reads back."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CurationConfig:
        """Makes a config from values as `to_dict` gives them; left-out ones are the default."""
        known = {field.name for field in dataclasses.fields(cls)}
        problems = errors.Problems()
        for name in sorted(set(values) - known):
            problems.add(errors.unknown_name("field", name, known))
        problems.raise_if_any(errors.ConfigError, "The curation config is not valid:")
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> CurationConfig:
        """Reads what `to_json` wrote; raises ConfigError where the text is no JSON object."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise errors.ConfigError(f"The curation config is no JSON: {error}") from error
        if not isinstance(values, dict):
            raise errors.ConfigError(
                f"The curation config is a JSON {type(values).__name__}, "
                "expected an object of field names and values."
            )
        return cls.from_dict(values)
