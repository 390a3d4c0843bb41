"""What became of every planned row: numbers in memory, a table in slices on the disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import files
from cytoimagenet_tfds.build import plan_table, rendered

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from cytoimagenet_tfds.build.selection import Selection

_COLUMNS = ("key", "idx", "dir_name", "label", "category", "split", "crops")


@dataclasses.dataclass(frozen=True, eq=False)
class Outcome:
    """One line per planned row.

    Attributes:
      facts: columns that tell the rows apart, `key` among them.
      counts: name -> number of each row: `rendered` and `written` images, and perhaps `files`.
      rejected: the rows that gave no image.
    """

    facts: pa.Table
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

        line_of = np.full(len(self), -1, np.int32)
        line_of[self.rejected.rows] = np.arange(len(self.rejected.rows), dtype=np.int32)
        for start, end in plan_table.slices(len(self)):
            columns = dict(zip(self.facts.column_names, self._facts(start, end), strict=True))
            for name, values in self.counts.items():
                columns[name] = pa.array(values[start:end])
            lines = line_of[start:end]
            picked = pa.array(lines, mask=lines < 0)
            for name in ("reason", "message"):
                texts = getattr(self.rejected, f"{name}s").take(picked)
                columns[name] = texts.cast(pa.large_string()).fill_null("")
            yield pa.table(columns)

    def _facts(self, start: int, end: int) -> list[Any]:
        return list(plan_table.take(self.facts, np.arange(start, end)).columns)


def of_build(
    plan: pd.DataFrame | pa.Table, found: rendered.Rendered, selection: Selection
) -> Outcome:
    """Joins plan, chunks and selection."""
    rows = len(plan)
    counts = {
        "files": _files(plan),
        "rendered": np.bincount(found.images["row"], minlength=rows).astype(np.int32),
        "written": np.bincount(selection.images["row"], minlength=rows).astype(np.int32),
    }
    return Outcome(plan_table.of(plan, _COLUMNS), counts, found.rejected)


def _files(plan: pd.DataFrame | pa.Table) -> npt.NDArray[np.int32]:
    import pyarrow.compute as pc

    counts = np.empty(len(plan), np.int32)
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
