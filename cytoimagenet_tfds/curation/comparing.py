"""What differs between two plans."""

from __future__ import annotations

import collections
import dataclasses

import pandas as pd

from cytoimagenet_tfds import wording

_SHOWN = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between two plans, called first and second.

    Attributes:
      classes: number of classes of each.
      images: number of rows of each.
      only_first: label -> rows, of classes that only the first has.
      only_second: the same for the second.
      sizes: label -> (rows in the first, rows in the second), where they differ.
      kept: rows that both have under the same label.
      relabelled: (label in the first, label in the second) -> rows.
      left: rows only in the first.
      entered: rows only in the second.
      moved: rows of both whose split differs.
      crops: rows of both whose number of crops differs.
    """

    classes: tuple[int, int]
    images: tuple[int, int]
    only_first: dict[str, int]
    only_second: dict[str, int]
    sizes: dict[str, tuple[int, int]]
    kept: int
    relabelled: dict[tuple[str, str], int]
    left: int
    entered: int
    moved: int
    crops: int

    @property
    def equal(self) -> bool:
        """True where both plan the same rows under the same labels, splits and crops."""
        return self.kept == self.images[0] == self.images[1] and not (self.moved or self.crops)

    def __str__(self) -> str:
        if self.equal:
            return (
                f"The plans are equal: {wording.counted(self.classes[0], 'class', 'classes')}, "
                f"{wording.counted(self.images[0], 'image')}."
            )
        pairs = {f"{a} -> {b}": rows for (a, b), rows in self.relabelled.items()}
        changed = {f"{name}: {a:,} -> {b:,}": abs(b - a) for name, (a, b) in self.sizes.items()}
        return "\n".join([
            f"Classes: {self.classes[0]:,} and {self.classes[1]:,}; "
            f"images: {self.images[0]:,} and {self.images[1]:,}.",
            f"Rows: {self.kept:,} under the same label, {sum(self.relabelled.values()):,} under "
            f"another one, {self.left:,} left, {self.entered:,} entered; "
            f"{self.moved:,} in another split, {self.crops:,} with other crops.",
            *_largest("Classes only in the first", self.only_first),
            *_largest("Classes only in the second", self.only_second),
            *_largest("Classes of another size", changed),
            *_largest("Rows under another label", pairs),
        ])  # fmt: skip


def compare(first: pd.DataFrame, second: pd.DataFrame) -> Comparison:
    """Compares two plans row by row, by key."""
    columns = ["key", "label", "split", "crops"]
    both = first[columns].merge(second[columns], on="key", suffixes=("_first", "_second"))
    sizes = [collections.Counter(table["label"].tolist()) for table in (first, second)]
    shared = sorted(set(sizes[0]) & set(sizes[1]))
    other = both[both["label_first"] != both["label_second"]]
    relabelled = collections.Counter(
        zip(other["label_first"].tolist(), other["label_second"].tolist(), strict=True)
    )
    return Comparison(
        classes=(len(sizes[0]), len(sizes[1])),
        images=(len(first), len(second)),
        only_first=_without(sizes[0], shared),
        only_second=_without(sizes[1], shared),
        sizes={k: (sizes[0][k], sizes[1][k]) for k in shared if sizes[0][k] != sizes[1][k]},
        kept=len(both) - len(other),
        relabelled=dict(sorted(relabelled.items())),
        left=len(first) - len(both),
        entered=len(second) - len(both),
        moved=int((both["split_first"] != both["split_second"]).sum()),
        crops=int((both["crops_first"] != both["crops_second"]).sum()),
    )


def _without(sizes: dict[str, int], names: list[str]) -> dict[str, int]:
    return {name: sizes[name] for name in sorted(set(sizes) - set(names))}


def _largest(heading: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f", the {_SHOWN} with most rows" if len(ordered) > _SHOWN else ""
    return [f"{heading} ({len(ordered):,}{more}):",
            *(f"  {rows:>9,}  {name}" for name, rows in ordered[:_SHOWN])]  # fmt: skip
