"""Rows of the published table and files of the archive brought together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds.build import ordering, plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import (
    archive,
    columns,
    expected,
    listing,
)

_TWICE, _TWO_LABELS, _NO_LABEL = "row stands twice", "file of two labels", "no label"

_Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, eq=False)
class Matched:
    """Rows and files brought together.

    Attributes:
      root: folder of the archive.
      rows: columns of the rows to read, with those of `Images.references` and `missing`; whoever
        needs the room may empty them.
      left_out: reason -> rows that cannot be told apart.
      differences: one sentence for each kind of what does not fit.
    """

    root: str
    rows: dict[str, pa.Array]
    left_out: dict[str, int]
    differences: tuple[str, ...]


def match(rows: pa.Table, found: archive.Archive, differences: Sequence[str] = ()) -> Matched:
    """Finds the file of each row by folder and name.

    Args:
      rows: the table, see `table.read`.
      found: the archive.
      differences: what differs already.
    """
    hashes = listing.place_hashes(rows["folder"], rows["filename"])
    image, there = _images_of(rows, hashes, found.images)
    extra = np.setdiff1d(np.arange(len(found.images)), image[there])
    same, two_labels = _again(rows, hashes)
    nameless = columns.where(plan_table.whole(rows["label"]), lambda label: not label)
    nameless &= ~(same | two_labels)
    missing, unknown = sorted(set(_places(rows, ~there))), sorted(found.images.places(extra))
    lines = [
        *expected.listed("files of the table are missing", missing),
        *expected.listed("images are not in the table", unknown),
        *_renamed(missing, unknown),
        *expected.listed("images lie in two places, the first of which counts", found.twice),
        *expected.listed("other files lie in the archive", found.strangers),
        *expected.listed("rows name a file that a row before them names", _places(rows, same)),
        *expected.listed("rows of different labels name the same file and are left out",
                         _places(rows, two_labels)),
        *expected.listed("rows have no label and are left out", _places(rows, nameless)),
    ]  # fmt: skip
    reasons = {_TWICE: same, _TWO_LABELS: two_labels, _NO_LABEL: nameless}
    left_out = {reason: int(which.sum()) for reason, which in reasons.items() if which.any()}
    if left_out:
        kept = ~(same | two_labels | nameless)
        rows, image, there = rows.filter(pa.array(kept)), image[kept], there[kept]
    taken = {name: plan_table.whole(rows[name]) for name in rows.column_names}
    taken |= found.images.references(image, there)
    taken["missing"] = columns.dictionary((~there).astype(np.int8), ["", "file"])
    return Matched(found.root, taken, left_out, (*differences, *lines))


def _images_of(
    rows: pa.Table, hashes: ordering.Hashes, images: listing.Images
) -> tuple[npt.NDArray[np.int64], _Mask]:
    """Returns the image of each row, and whether there is one: it has the hash of the place."""
    order = np.argsort(images.hashes, kind="stable")
    ordered = images.hashes[order]
    at = np.searchsorted(ordered, hashes)
    at[at == len(ordered)] = 0
    there = ordered[at] == hashes
    image = order[at]
    places = images.table["folder"], images.table["name"]
    for rows_at in np.array_split(np.flatnonzero(there), len(rows) // columns.PIECE + 1):
        own = listing.place_column(rows["folder"], rows["filename"], rows_at)
        others = listing.place_column(*places, image[rows_at])
        # Two places may have one hash of 64 bits, so the texts decide.
        there[rows_at] = pc.equal(own, others).to_numpy(zero_copy_only=False)
    return image, there


def _again(rows: pa.Table, hashes: ordering.Hashes) -> tuple[_Mask, _Mask]:
    """Returns which rows name a file again, and which one that has several labels."""
    same, two_labels = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    by_place: dict[str, list[int]] = {}
    again = ordering.tied(hashes)
    places = listing.place_texts(rows["folder"], rows["filename"], again)
    for place, row in zip(places, again.tolist(), strict=True):
        by_place.setdefault(place, []).append(row)
    labels = columns.numbers(plan_table.whole(rows["label"]))
    for several in by_place.values():
        if len(set(labels[several].tolist())) > 1:
            two_labels[several] = True
        else:
            same[several[1:]] = True
    return same, two_labels


def _places(rows: pa.Table, which: _Mask) -> list[str]:
    chosen = np.flatnonzero(which)
    found: list[str] = listing.place_texts(rows["folder"], rows["filename"], chosen)
    return found


def _renamed(missing: list[str], extra: list[str]) -> list[str]:
    """Missing and unknown files of one folder that are as many were perhaps renamed."""
    by_folder: dict[str, list[list[str]]] = {}
    for side, places in enumerate((missing, extra)):
        for place in places:
            by_folder.setdefault(place.rpartition("/")[0], [[], []])[side].append(place)
    pairs = [
        f"{old} -> {new.rpartition('/')[2]}"
        for gone, come in by_folder.values()
        if len(gone) == len(come)
        for old, new in zip(gone, come, strict=True)
    ]
    lines: list[str] = expected.listed("of both are in one folder, perhaps renamed", pairs)
    return lines
