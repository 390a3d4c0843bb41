"""Which examples of a dataset are exported."""

from __future__ import annotations

import collections
import dataclasses
import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors, hashing

if TYPE_CHECKING:
    from cytoimagenet_tfds.prepared import Example, Prepared


@dataclasses.dataclass(frozen=True)
class Selection:
    """A part of a dataset.

    Attributes:
      labels: the classes, () for all.
      split: the split, '' for all.
      number: images of each class at the most, over the chosen splits; 0 for all.
      seed: another seed draws other images.
    """

    labels: tuple[str, ...] = ()
    split: str = ""
    number: int = 0
    seed: int = 0

    def check(self, dataset: Prepared) -> None:
        """Raises ConfigError with everything that does not fit the dataset."""
        problems = errors.Problems()
        if self.labels and not dataset.classes:
            problems.add("The dataset has no classes to choose from.")
        elif dataset.classes:
            for label in sorted(set(self.labels) - set(dataset.classes)):
                problems.add(errors.unknown_name("class", label, dataset.classes))
        if self.split and self.split not in dataset.splits:
            problems.add(errors.unknown_name("split", self.split, dataset.splits))
        if self.number < 0:
            problems.add(f"The number of images per class is {self.number}, expected 1 or more.")
        if not dataset.stores_png:
            problems.add(
                "Its images are arrays with the channels apart, no picture files. Export the "
                "dataset with merged channels."
            )
        problems.raise_if_any(errors.ConfigError, f"{dataset.name} cannot be exported so:")

    def examples(self, dataset: Prepared) -> Iterator[tuple[str, Example]]:
        """Yields split and example, in the order of the shards."""
        chosen = self._keys(dataset) if self.number else None
        for split, example in self._fitting(dataset):
            if chosen is None or example.values["key"] in chosen:
                yield split, example

    def _fitting(self, dataset: Prepared) -> Iterator[tuple[str, Example]]:
        wanted = set(self.labels)
        for split in dataset.splits:
            if self.split not in ("", split):
                continue
            for example in dataset.examples(split):
                if not wanted or example.values["label"] in wanted:
                    yield split, example

    def _keys(self, dataset: Prepared) -> set[str]:
        """Returns, of each class, the keys with the smallest hashes."""
        kept: dict[str, list[tuple[int, str]]] = collections.defaultdict(list)
        for _, example in self._fitting(dataset):
            key, own = example.values["key"], kept[example.values.get("label", "")]
            ranked = (-hashing.stable_hash(self.seed, "export", key), key)
            if len(own) < self.number:
                heapq.heappush(own, ranked)
            else:
                heapq.heappushpop(own, ranked)
        return {key for own in kept.values() for _, key in own}
