"""What became of every planned row: numbers in memory, a table in slices on the disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import files
from cytoimagenet_tfds.build import plan_table, rendered, scratch

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from cytoimagenet_tfds.build.selection import Selection

_COUNT = np.int32  # in the table; in memory counts are shorter
_COLUMNS = ("key", "idx", "dir_name", "label", "category", "split", "crops")


@dataclasses.dataclass(frozen=True, eq=False)
class Outcome:
    """One line per planned row.

    Attributes:
      facts: columns that tell the rows apart, `key` among them.
      counts: name -> number of each row: `rendered` and `written` images, and perhaps `files`.
      rejected: the rows that gave no image.
    """

    facts: plan_table.Plan
    counts: Mapping[str, npt.NDArray[Any]]
    rejected: rendered.Rejected

    def __len__(self) -> int:
        return len(self.facts)

    def reasons(self, shown: int = 0) -> list[rendered.Reason]:
        """Returns why rows were rejected, the most frequent reason first."""
        found = self.rejected.by_reason(self.facts, shown)
        return sorted(found, key=lambda reason: (-reason.count, reason.name))

    def tables(self) -> Iterator[pa.Table]:
        """Yields the lines some thousands at a time: facts, counts, `reason` and `message`."""
        import pyarrow as pa

        order = np.argsort(self.rejected.rows, kind="stable")
        rejected = self.rejected.rows[order]
        for start, end in plan_table.slices(len(self)):
            facts = plan_table.take(self.facts, np.arange(start, end))
            columns = dict(zip(facts.column_names, facts.columns, strict=True))
            for name, values in self.counts.items():
                columns[name] = pa.array(values[start:end].astype(np.result_type(values, _COUNT)))
            first, last = np.searchsorted(rejected, [start, end])
            lines = np.full(end - start, -1, np.int32)
            lines[rejected[first:last] - start] = order[first:last]
            picked = pa.array(lines, mask=lines < 0)
            for name in ("reason", "message"):
                texts = getattr(self.rejected, f"{name}s").take(picked)
                columns[name] = texts.cast(pa.large_string()).fill_null("")
            yield pa.table(columns)


def of_build(plan: plan_table.Plan, found: rendered.Rendered, selection: Selection) -> Outcome:
    """Joins plan, chunks and selection."""
    counts = {
        "files": _files(plan),
        "rendered": _images(len(plan), found.images),
        "written": _images(len(plan), selection.images),
    }
    return Outcome(plan_table.of(plan, _COLUMNS), counts, found.rejected)


def _images(rows: int, images: scratch.Array) -> npt.NDArray[np.uint16]:
    """Returns the number of images of each row."""
    counts = np.zeros(rows, np.uint16)
    for piece in scratch.pieces(images):
        np.add.at(counts, piece["row"], 1)
    return counts


def _files(plan: plan_table.Plan) -> npt.NDArray[np.uint16]:
    import pyarrow.compute as pc

    counts = np.empty(len(plan), np.uint16)
    table = plan_table.of(plan, ["files"])
    for start, end in plan_table.slices(len(plan)):
        texts = plan_table.take(table, np.arange(start, end))["files"]
        counts[start:end] = pc.count_substring(texts, files.SEPARATOR).to_numpy()
    return counts + 1


def of_fields(
    facts: Mapping[str, Sequence[str]], written: Sequence[bool], rejected: Mapping[str, Any]
) -> Outcome:
    """Tells of fields that were read one by one.

    Args:
      facts: columns that tell them apart, `key` among them.
      written: which of them were.
      rejected: key -> error of the others.
    """
    import pyarrow as pa

    keys = facts["key"]
    rows = [row for row, key in enumerate(keys) if key in rejected]
    found = [rejected[keys[row]] for row in rows]
    counts = np.array(written, np.int64)
    return Outcome(
        pa.table({name: pa.array(values, pa.large_string()) for name, values in facts.items()}),
        {"rendered": counts, "written": counts},
        rendered.Rejected(
            np.array(rows, np.int32), pa.array([error.reason for error in found], pa.string()),
            pa.array([str(error) for error in found], pa.string()),
        ),
    )  # fmt: skip
