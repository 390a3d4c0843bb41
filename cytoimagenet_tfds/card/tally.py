"""Counting a dataset in one pass over its examples."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

from cytoimagenet_tfds import hashing

Counter = collections.Counter


@dataclasses.dataclass
class Tally:
    """What was counted so far; an image is `(label, split)`, `(source, licence)` and so on.

    Attributes:
      labels: (label, split) -> images.
      categories: label -> category.
      sources: (dir_name, licence) -> images.
      origins: (label, dir_name, licence) -> images.
      names: dir_name -> (name, database).
      databases: (label, database) -> images.
      crops: scaling -> images; 1.0 holds whole images, too.
      whole: images that are no crops.
      sides: (height, width) -> images.
      microscopy: modality -> images.
    """

    labels: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    categories: dict[str, str] = dataclasses.field(default_factory=dict)
    sources: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    origins: Counter[tuple[str, str, str]] = dataclasses.field(default_factory=Counter)
    names: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    databases: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    crops: Counter[float] = dataclasses.field(default_factory=Counter)
    whole: int = 0
    sides: Counter[tuple[int, int]] = dataclasses.field(default_factory=Counter)
    microscopy: Counter[str] = dataclasses.field(default_factory=Counter)
    _groups: dict[int, str] = dataclasses.field(default_factory=dict)
    _divided: set[int] = dataclasses.field(default_factory=set)

    def add(self, split: str, values: dict[str, Any], size: tuple[int, int]) -> None:
        """Counts one example; `size` is height and width in pixels."""
        label, source = values.get("label", ""), values["dir_name"]
        self.labels[label, split] += 1
        self.categories.setdefault(label, values.get("category", ""))
        self.sources[source, values["licence"]] += 1
        self.origins[label, source, values["licence"]] += 1
        self.names.setdefault(source, (values["name"], values["database"]))
        self.databases[label, values["database"]] += 1
        self.crops[round(values["scaling"], 4)] += 1
        self.whole += not values["crop"]
        self.sides[size] += 1
        self.microscopy[values["microscopy"] or "unknown"] += 1
        self._add_group(split, values["group"])

    def _add_group(self, split: str, group: str) -> None:
        # A number for the text: a dataset may have a million groups.
        number = hashing.stable_hash(group)
        if self._groups.setdefault(number, split) != split:
            self._divided.add(number)

    @property
    def images(self) -> int:
        """Number of examples."""
        return sum(self.labels.values())

    @property
    def groups(self) -> tuple[int, int]:
        """Number of groups, and of those that lie in more than one split."""
        return len(self._groups), len(self._divided)

    def side_quantiles(self) -> dict[str, int]:
        """Returns least, median and greatest of the longer sides, in pixels."""
        counts: Counter[int] = Counter()
        for size, count in self.sides.items():
            counts[max(size)] += count
        ordered, seen, half = sorted(counts), 0, self.images / 2
        median = 0
        for side in ordered:
            seen += counts[side]
            if seen >= half:
                median = side
                break
        return {"least": ordered[0], "median": median, "greatest": ordered[-1]} if ordered else {}
