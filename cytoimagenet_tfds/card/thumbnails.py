"""A few images of every class, drawn by their keys, small enough for one page."""

from __future__ import annotations

import base64
import collections
import dataclasses
import heapq
import json
from typing import TYPE_CHECKING, Any, TypeAlias

from cytoimagenet_tfds import hashing

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cytoimagenet_tfds.prepared import Example

SIDE = 144  # longer side of a thumbnail, pixels
_QUALITY = 50  # of WebP
_MOST = 24  # thumbnails of one class
_IN_ALL = 10_000  # thumbnails kept while reading, over all classes
_UNLABELLED = 120  # thumbnails of a dataset without classes
_SHOWN_COLUMNS = ("key", "dir_name", "licence", "microscopy", "channels", "organism", "cell_type",
                  "cell_visible", "phenotype", "compound", "gene", "sirna")  # fmt: skip

# Negative hash, key, facts, pixels: encoded at the end, because most do not stay.
_Kept: TypeAlias = "tuple[int, str, dict[str, Any], npt.NDArray[np.uint8]]"


@dataclasses.dataclass(frozen=True)
class Thumbnail:
    """One image for the page.

    Attributes:
      label: its class, '' in a dataset without.
      data: WebP file as base64 text.
      facts: what is shown with it.
    """

    label: str
    data: str
    facts: dict[str, Any]


class Sampler:
    """Keeps the images of each class whose keys have the smallest hashes.

    Args:
      classes: number of classes, 0 for a dataset without.
      seed: another seed draws other images.
    """

    def __init__(self, classes: int, seed: int) -> None:
        self._seed = seed
        self._most = min(_MOST, max(1, _IN_ALL // classes)) if classes else _UNLABELLED
        self._kept: dict[str, list[_Kept]] = collections.defaultdict(list)

    def add(self, split: str, example: Example) -> None:
        """Looks at one example; its image is decoded only where it is kept for now."""
        key, label = example.values["key"], example.values.get("label", "")
        kept = self._kept[label]
        rank = -hashing.stable_hash(self._seed, "thumbnail", key)
        if len(kept) < self._most:
            heapq.heappush(kept, (rank, key, _facts(split, example), shrink(example.grey())))
        elif rank > kept[0][0]:
            kept_now = (rank, key, _facts(split, example), shrink(example.grey()))
            heapq.heapreplace(kept, kept_now)

    def result(self, budget: int) -> list[Thumbnail]:
        """Returns the thumbnails, class by class, at most `budget` bytes of text in all.

        Every class gets its first image before any gets its second.
        """
        order = [
            (place, label, kept)
            for label, all_kept in self._kept.items()
            for place, kept in enumerate(sorted(all_kept, key=_rank))
        ]
        order.sort(key=lambda item: item[:2])
        chosen = []
        for place, label, (_, _, facts, image) in order:
            one = Thumbnail(label, encode(image), facts)
            budget -= len(one.data) + len(json.dumps(facts))
            if budget < 0:
                break
            chosen.append((label, place, one))
        return [one for _, _, one in sorted(chosen, key=lambda item: item[:2])]


def _rank(kept: _Kept) -> tuple[int, str]:
    return -kept[0], kept[1]


def _facts(split: str, example: Example) -> dict[str, Any]:
    values = example.values
    facts: dict[str, Any] = {
        name: _text(values[name]) for name in _SHOWN_COLUMNS if _text(values[name])
    }
    facts |= {"split": split, "size": list(example.size)}
    if values["crop"]:
        bounds = [values[name] for name in ("y_min", "y_max", "x_min", "x_max")]
        facts |= {"crop": bounds, "scaling": round(values["scaling"], 4)}
    return facts


def _text(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)


def shrink(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Returns a [H, W] uint8 image whose longer side is at most `SIDE`, its aspect kept."""
    import cv2

    height, width = image.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image


def encode(image: npt.NDArray[np.uint8]) -> str:
    """Returns a [H, W] uint8 image as WebP in base64 text."""
    import cv2

    data: Any = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[1]
    return base64.b64encode(data.tobytes()).decode("ascii")
