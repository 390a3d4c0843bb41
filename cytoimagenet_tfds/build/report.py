"""What a build did: a table with one line per planned row, a text, and a summary."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import files
from cytoimagenet_tfds.build import work

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.build.gather import Found
    from cytoimagenet_tfds.build.making import Making
    from cytoimagenet_tfds.build.selection import Selection

TABLE_NAME = "build_report.parquet"
TEXT_NAME = "build_report.txt"
_EXAMPLES = 3  # rejected rows shown per reason
_SHOWN_CLASSES = 50
_TYPES = {
    "files": "int32", "rendered": "int32", "written": "int32", "reason": "str", "message": "str",
}  # fmt: skip
_COLUMNS = ["key", "idx", "dir_name", "label", "category", "split", "crops"]


@dataclasses.dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
      title: full name of the dataset.
      rows: one line per planned row: identity, label, number of `files`, `rendered` and `written`
        images, `reason` and `message` of a rejected row.
      found: the sources that were read.
      splits: split -> examples.
      classes: number of classes.
      dropped: class -> images of the classes that were left out.
      made_by: how it was made; None where nobody measured.
    """

    title: str
    rows: pd.DataFrame
    found: tuple[Found, ...]
    splits: dict[str, int]
    classes: int
    dropped: dict[str, int]
    made_by: Making | None = None

    def summary(self) -> dict[str, Any]:
        """Returns the counts as JSON types."""
        return {
            "sources": {found.dir_name: found.rows for found in self.found},
            "planned": len(self.rows),
            "rendered": int(self.rows["rendered"].sum()),
            "written": self.splits,
            "rejected": self._rejected(),
            "classes": self.classes,
            "dropped_classes": self.dropped,
            **(self.made_by.facts() if self.made_by else {}),
        }

    def _rejected(self) -> dict[str, int]:
        counts = self.rows.loc[self.rows["reason"] != "", "reason"].value_counts()
        pairs = [(str(reason), int(count)) for reason, count in counts.items()]
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    def text(self) -> str:
        """Returns the report for people."""
        return "\n".join(
            [
                *self._counts(), *self._rejected_lines(), *self._dropped_lines(),
                *self._sources(), *self._making(),
            ]
        )  # fmt: skip

    def _counts(self) -> list[str]:
        written = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        lines = [
            f"{self.title}",
            f"Rows read: {sum(found.rows for found in self.found):,}",
            f"Rows planned: {len(self.rows):,}{self._merged()}",
            f"Images rendered: {int(self.rows['rendered'].sum()):,}",
            f"Images written: {sum(self.splits.values()):,} ({written})",
        ]
        return [*lines, f"Classes: {self.classes:,}"] if self.classes else lines

    def _merged(self) -> str:
        merged = int((self.rows["files"] > 1).sum()) if "files" in self.rows else 0
        return f", {merged:,} of them merged from several files" if merged else ""

    def _rejected_lines(self) -> list[str]:
        rejected = self._rejected()
        lines = [f"Rows rejected: {sum(rejected.values()):,}"]
        for reason, count in rejected.items():
            lines.append(f"  {reason}: {count:,}")
            first = self.rows[self.rows["reason"] == reason].sort_values("key").head(_EXAMPLES)
            pairs = zip(first["key"], first["message"], strict=True)
            lines += [f"    {key}: {message}" for key, message in pairs]
        return lines

    def _dropped_lines(self) -> list[str]:
        if not self.dropped:
            return []
        largest = sorted(self.dropped.items(), key=lambda item: (-item[1], item[0]))
        lines = [f"Classes left out, too few images after the checks: {len(self.dropped):,}"]
        lines += [f"  {label}: {count:,}" for label, count in largest[:_SHOWN_CLASSES]]
        rest = len(largest) - _SHOWN_CLASSES
        return [*lines, f"  and {rest:,} more"] if rest > 0 else lines

    def _sources(self) -> list[str]:
        lines = ["Sources:"]
        for found in self.found:
            lines.append(f"  {found.dir_name}: {found.rows:,} rows")
            pairs = found.excluded.items()
            lines += [f"    left out, {reason}: {count:,} rows" for reason, count in pairs]
            lines += [f"    {finding}" for finding in found.findings]
        return lines

    def _making(self) -> list[str]:
        if self.made_by is None:
            return []
        counts = {"render": int(self.rows["rendered"].sum()), "assemble": sum(self.splits.values())}
        return self.made_by.lines(counts)

    def write(self, folder: epath.Path) -> None:
        """Writes the table and the text into a folder."""
        import pyarrow as pa

        table = pa.Table.from_pandas(self.rows, preserve_index=False)
        work.write_table(table, folder / TABLE_NAME)
        (folder / TEXT_NAME).write_text(self.text() + "\n")


def make(
    title: str,
    plan: pd.DataFrame,
    lines: pd.DataFrame,
    selection: Selection,
    found: Sequence[Found],
    made_by: Making,
) -> BuildReport:
    """Joins plan, chunk tables and selection to a report.

    Args:
      title: full name of the dataset.
      plan: the planned rows.
      lines: the lines of all chunk tables, rejected rows included.
      selection: what entered the dataset.
      found: the sources that were read.
      made_by: how it was made.
    """
    rejected = lines[lines["reason"] != ""]
    reasons = dict(zip(rejected["key"], rejected["reason"], strict=True))
    messages = dict(zip(rejected["key"], rejected["message"], strict=True))
    rendered = lines.loc[lines["reason"] == "", "key"].value_counts().to_dict()
    written = selection.images["source_key"].value_counts().to_dict()
    rows = plan[_COLUMNS].reset_index(drop=True)
    keys = rows["key"].tolist()
    rows = rows.assign(
        files=[text.count(files.SEPARATOR) + 1 for text in plan["files"]],
        rendered=[rendered.get(key, 0) for key in keys],
        written=[written.get(key, 0) for key in keys],
        reason=[reasons.get(key, "") for key in keys],
        message=[messages.get(key, "") for key in keys],
    ).astype(
        {
            "files": "int32",
            "rendered": "int32",
            "written": "int32",
            "reason": "str",
            "message": "str",
        }
    )
    splits = selection.images["split"].value_counts().sort_index()
    return BuildReport(
        title, rows, tuple(found), {str(name): int(count) for name, count in splits.items()},
        len(selection.classes), selection.dropped, made_by,
    )  # fmt: skip
