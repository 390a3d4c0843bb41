"""What is noted of the images while they are copied, and what it says of the dataset.

Crops that are not as large as published, and images that are byte for byte the same as another.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import checksums, images
from cytoimagenet_tfds.build import chunks, memory, plan_table, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import expected

Content = Callable[[str, str], bytes]  # dir_name and files of an image -> its file

_DIGEST = 8  # bytes


class Notes:
    """Notes of the images of one shard."""

    def __init__(self) -> None:
        self._others = 0
        self._marks: list[int] = []

    def took(self, place: chunks.Place, image: bytes) -> None:
        """Notes an image; `place` says the size it should have."""
        if place.height >= 0 and images.png_size(image) != (place.height, place.width):
            self._others += 1
        # Two files that share a mark are not yet the same: a PNG ends its pixels with their own
        # CRC-32, so that the one of the whole file takes as few as 65,536 values.
        self._marks.append(len(image) << 32 | checksums.crc32(image))

    def notes(self) -> dict[str, Any]:
        """Returns how many have another size, and length and CRC-32 of each in one number."""
        return {"others": self._others, "marks": self._marks}


def tell(
    planned: stored_plan.StoredPlan,
    facts: dict[str, Any],
    content: Content,
    notes: Iterable[dict[str, Any]],
    rows: Iterable[npt.NDArray[Any]],
) -> None:
    """Makes facts of what was noted, and names the first images that are the same as another.

    Args:
      planned: the plan.
      facts: gets the two numbers.
      content: reads the file of an image.
      notes: `Notes.notes` of each shard.
      rows: rows of the plan of all images, in the same order.
    """
    others, alike = _read(notes, rows)
    memory.give_back()
    same = _same(planned, content, alike)
    facts["published"] = {
        **facts["published"], "bounds_of_other_size": others, "same_content": len(same),
    }  # fmt: skip
    keys = planned.select(["key"]).take(same[: expected.SHOWN])["key"].to_pylist()
    for text in expected.listed("Images with the same bytes as another", keys, len(same)):
        logging.getLogger(__name__).warning("%s", text)


def _read(
    notes: Iterable[dict[str, Any]], rows: Iterable[npt.NDArray[Any]]
) -> tuple[int, npt.NDArray[Any]]:
    """Returns how many have another size, and the rows of marks that stand twice, rising."""
    others = 0
    marks, numbers = bytearray(), bytearray()  # which grow where they are
    for one in notes:
        others += one["others"]
        marks += np.array(one["marks"], np.int64).tobytes()
    for some in rows:
        numbers += some.astype(np.int32).tobytes()
    return others, np.sort(np.frombuffer(numbers, "i4")[_repeated(np.frombuffer(marks, "i8"))])


def _same(
    planned: stored_plan.StoredPlan, content: Content, alike: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Returns those of the rows whose images are the same as another."""
    where = planned.select(["dir_name", "files"])
    digests = np.empty(len(alike), np.uint64)
    for start, end in plan_table.slices(len(alike)):
        places = where.take(alike[start:end]).columns
        for number, place in enumerate(zip(*(c.to_pylist() for c in places), strict=True), start):
            found = hashlib.blake2b(content(*place), digest_size=_DIGEST).digest()
            digests[number] = int.from_bytes(found, "little")
    return alike[_repeated(digests)]


def _repeated(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Returns which values stand more than once."""
    ordered = np.sort(values)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    found = np.zeros(len(values), np.bool_)
    # Piece by piece: `np.isin` takes several times the room of all values.
    for start, end in plan_table.slices(len(values)) if len(again) else ():
        near = again[np.minimum(np.searchsorted(again, values[start:end]), len(again) - 1)]
        found[start:end] = near == values[start:end]
    return found
