"""Rare classes: images that hold one enter an epoch several times.

An image of several classes is copied as often as its rarest class asks for, so that its frequent
classes grow with it: `after` tells what that makes of the counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Sets = Mapping[tuple[int, ...], int]
"""How many images hold exactly these classes."""


def counts(sets: Sets, classes: int) -> list[int]:
    """Returns the images of each class."""
    return after(sets, [1] * classes)


def copies(images: Sequence[int], rare: int, most: int) -> list[int]:
    """Returns for each class how often an image that holds it enters an epoch.

    Args:
      images: of each class.
      rare: a class with fewer images is copied until it has about as many; 0 copies none.
      most: of one image in an epoch.

    Returns:
      1 for a class that is not rare or has no image.
    """
    return [min(most, math.ceil(rare / count)) if 0 < count < rare else 1 for count in images]


def repeats(held: Sequence[int], copies_of: Sequence[int]) -> int:
    """Returns how often an image that holds these classes enters an epoch."""
    return max((copies_of[number] for number in held), default=1)


def after(sets: Sets, copies_of: Sequence[int]) -> list[int]:
    """Returns the images of each class in an epoch, copies counted."""
    total = [0] * len(copies_of)
    for held, count in sets.items():
        for number in held:
            total[number] += count * repeats(held, copies_of)
    return total


def epoch_length(sets: Sets, copies_of: Sequence[int]) -> int:
    """Returns the images of an epoch, copies counted."""
    return sum(count * repeats(held, copies_of) for held, count in sets.items())
