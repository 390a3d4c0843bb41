"""One pass over a dataset for everything that is made of its examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from cytoimagenet_tfds.card import facts, page, tally, thumbnails

if TYPE_CHECKING:
    from cytoimagenet_tfds.prepared import Example, Prepared


class Consumer(Protocol):
    """Something that is made of all examples, and wants to see each."""

    def see(self, split: str, example: Example) -> None:
        """Looks at one example."""


class Counting:
    """Counts the examples, where nothing is drawn.

    Args:
      counts: what is filled.
    """

    def __init__(self, counts: tally.Tally) -> None:
        self._counts = counts

    def see(self, split: str, example: Example) -> None:
        """Counts the example."""
        self._counts.add(split, example.values, example.size)


class Card:
    """The page of a dataset, from the first example to the text.

    Args:
      dataset: the dataset.
      seed: of the images that are drawn for the page.
    """

    def __init__(self, dataset: Prepared, seed: int = 0) -> None:
        self._dataset, self._seed = dataset, seed
        self.tally = tally.Tally()
        self._sampler = thumbnails.Sampler(len(dataset.classes), seed)

    def see(self, split: str, example: Example) -> None:
        """Counts the example, and keeps its image where it is drawn."""
        self.tally.add(split, example.values, example.size)
        self._sampler.add(split, example)

    def html(self) -> str:
        """Returns the page."""
        collected = facts.collect(self._dataset, self.tally, self._seed)
        return page.render(collected, self._sampler.result(page.IMAGES))


def read(dataset: Prepared, consumers: Sequence[Consumer]) -> None:
    """Shows every example to every consumer, split by split in the order of their names."""
    for split in dataset.splits:
        for example in dataset.examples(split):
            for consumer in consumers:
                consumer.see(split, example)
