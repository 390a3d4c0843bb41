"""The PNGs of the archive, some sixty bytes of each."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import archives, files
from cytoimagenet_tfds.build import ordering, plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import columns

# Numbers of `archives.Span`, in the order of its text; a member of a tar has only these two.
_SPAN = ("offset", "length", "size", "method", "crc")
_IN_TAR = ("offset", "size")
_REFERENCE = ("head", "kind", *_SPAN)


@dataclasses.dataclass(frozen=True, eq=False)
class Images:
    """PNGs, each at a place of its own: folder of the label, and name.

    Attributes:
      table: columns `head`, the path of the folder with its `/` as a reference has it; `folder`,
        its last part; `name`; `kind` and the numbers of the place in an archive.
      hashes: [N] of the text of each place.
    """

    table: pa.Table
    hashes: ordering.Hashes

    def __len__(self) -> int:
        return len(self.table)

    def places(self, rows: npt.NDArray[Any]) -> list[str]:
        """Returns `<folder>/<name>` of some images."""
        return place_texts(self.table["folder"], self.table["name"], rows)

    def references(
        self, rows: npt.NDArray[Any], found: npt.NDArray[np.bool_]
    ) -> dict[str, pa.Array]:
        """Returns columns for `reference` of some images.

        Args:
          rows: [N] rows of `table`.
          found: [N] False where there is no image.
        """
        picked = pa.array(rows, mask=None if found.all() else ~found)
        return {name: plan_table.whole(self.table[name]).take(picked) for name in _REFERENCE}


def reference(rows: Mapping[str, pa.Array], names: pa.Array) -> pa.StructArray:
    """Returns the references as a column of joined parts, '' where there is no image.

    Args:
      rows: has the columns of `Images.references`.
      names: the file name of each row.
    """
    head, *place = (rows[name] for name in _REFERENCE)
    if head.null_count:
        names = columns.only(names, pc.is_valid(head).to_numpy(zero_copy_only=False))
    return plan_table.joined(head, _escaped(names), *place)


def _escaped(names: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(names, files.NEEDS_ESCAPE.pattern)).as_py():
        return names
    return pa.array([name and files.escape(name) for name in names.to_pylist()], pa.string())


def place_texts(folders: Any, names: Any, rows: npt.NDArray[Any]) -> list[str]:
    """Returns `<folder>/<name>` of some rows of two columns."""
    found: list[str] = place_column(folders, names, rows).to_pylist()
    return found


def place_column(folders: Any, names: Any, rows: npt.NDArray[Any]) -> pa.Array:
    """As `place_texts`, as a column."""
    taken = plan_table.take(pa.table([folders, names], ["folder", "name"]), rows)
    return plan_table.whole(pc.binary_join_element_wise(taken["folder"], taken["name"], "/"))


def place_hashes(folders: Any, names: Any) -> ordering.Hashes:
    """Returns the hash of each `<folder>/<name>`."""
    return ordering.hashes(lambda rows: place_texts(folders, names, rows), len(names), 0, "place")


class Collector:
    """Takes PNGs one by one."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, str, str], int] = {}  # kind, folder, folder in a message
        self._of_head = columns.Numbers()
        self._names = columns.Texts()
        self._spans = {name: columns.Numbers() for name in _SPAN}
        self._piece: list[tuple[int, str, archives.Span | None]] = []

    def add(self, path: str, reference: files.FileRef) -> None:
        """Adds an image; `path` stands for it in a message."""
        shown, _, name = path.rpartition("/")
        span = reference.span
        head = ("" if span is None else span.kind, reference.path.removesuffix(name), shown)
        self._piece.append((self._heads.setdefault(head, len(self._heads)), name, span))
        if len(self._piece) == columns.PIECE:
            self._flush()

    def _flush(self) -> None:
        self._of_head.add([one[0] for one in self._piece])
        self._names.add([one[1] for one in self._piece])
        for name, numbers in self._spans.items():
            numbers.add([0 if span is None else getattr(span, name) for *_, span in self._piece])
        self._piece = []

    def finish(self) -> tuple[Images, tuple[str, ...]]:
        """Returns the images, of several at one place the first, and the paths of the others.

        The first is the one in the fewest folders, then the first in sorted order.
        """
        self._flush()
        table = self._table()
        hashes = place_hashes(table["folder"], table["name"])
        again = self._again(table, ordering.tied(hashes))
        if again:
            kept = np.setdiff1d(np.arange(len(table)), list(again))
            table, hashes = table.take(pa.array(kept)).combine_chunks(), hashes[kept]
        return Images(table, hashes), tuple(sorted(again.values()))

    def _table(self) -> pa.Table:
        heads = list(self._heads)
        numbers = self._of_head.array()
        # The numbers of three columns are the same in memory.
        head = columns.dictionary(numbers, [files.escape(own) for _, own, _ in heads])
        kinds = [kind for kind, _, _ in heads]
        found = {
            "head": head,
            "folder": columns.same_rows(head, [own.split("/")[-2] for _, own, _ in heads]),
            "name": self._names.column(),
            "kind": columns.same_rows(head, [kind and f"#{kind}=" for kind in kinds]),
        }
        for name in _SPAN:
            has = [kind == "zip" or (kind == "tar" and name in _IN_TAR) for kind in kinds]
            mask = None if all(has) else ~np.array(has, bool)[numbers]
            found[name] = pa.array(self._spans[name].array(), mask=mask)
        return pa.table(found)

    def _again(self, table: pa.Table, rows: ordering.Positions) -> dict[int, str]:
        """Returns row -> path of the images whose place an earlier path has as well."""
        by_place: dict[str, list[int]] = collections.defaultdict(list)
        places = place_texts(table["folder"], table["name"], rows)
        for place, row in zip(places, rows.tolist(), strict=True):
            by_place[place].append(row)
        heads = list(self._heads)
        numbers = columns.numbers(plan_table.whole(table["head"]))
        again: dict[int, str] = {}
        for place, several in by_place.items():
            name = place.rpartition("/")[2]
            paths = {row: f"{heads[numbers[row]][2]}/{name}" for row in several}
            ordered = sorted(several, key=lambda row: (paths[row].count("/"), paths[row]))
            again |= {row: paths[row] for row in ordered[1:]}
        return again
