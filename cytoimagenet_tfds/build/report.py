"""What a build did: a table with one line per planned row, a text, and a summary."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from etils import epath

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.build import outcome, work

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.gather import Found
    from cytoimagenet_tfds.build.making import Making
    from cytoimagenet_tfds.build.procedure import Planned
    from cytoimagenet_tfds.build.rendered import Rendered
    from cytoimagenet_tfds.build.selection import Selection

TABLE_NAME = "build_report.parquet"
TEXT_NAME = "build_report.txt"
_EXAMPLES = 3  # rejected rows shown per reason
_SHOWN_CLASSES = 50


@dataclasses.dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
      title: full name of the dataset.
      rows: what became of every planned row.
      found: the sources that were read.
      splits: split -> examples.
      classes: number of classes.
      dropped: class -> images of the classes that were left out.
      made_by: how it was made; None where nobody measured.
      kept: rendered images that an earlier run had made.
      left_out: the sources of CytoImageNet that are not in it.
    """

    title: str
    rows: outcome.Outcome
    found: tuple[Found, ...]
    splits: dict[str, int]
    classes: int
    dropped: dict[str, int]
    made_by: Making | None = None
    kept: int = 0
    left_out: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """Returns the counts as JSON types."""
        return {
            "sources": {found.dir_name: found.rows for found in self.found},
            "sources_left_out": list(self.left_out),
            "excluded": self._excluded(),
            "planned": len(self.rows),
            "rendered": self._rendered(),
            "written": self.splits,
            "rejected": {reason.name: reason.count for reason in self.rows.reasons()},
            "classes": self.classes,
            "dropped_classes": self.dropped,
            **(self.made_by.facts() if self.made_by else {}),
        }

    def _rendered(self) -> int:
        return int(self.rows.counts["rendered"].sum())

    def _excluded(self) -> dict[str, int]:
        """Returns reason -> rows left out by what the sources say of them."""
        counts: collections.Counter[str] = collections.Counter()
        for found in self.found:
            counts.update(found.excluded)
        return dict(sorted(counts.items()))

    def text(self) -> str:
        """Returns the report for people."""
        lines = [
            *self._counts(), *self._rejected_lines(), *self._dropped_lines(),
            *self._sources(), *self._making(),
        ]  # fmt: skip
        return "\n".join(map(errors.visible, lines))

    def _counts(self) -> list[str]:
        written = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        read, excluded = sum(found.rows for found in self.found), self._excluded()
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in excluded.items())
        rest = read - sum(excluded.values()) - len(self.rows)
        lines = [
            f"{self.title}",
            f"Rows read: {read:,}",
            *([f"Rows excluded: {sum(excluded.values()):,} ({reasons})"] if excluded else []),
            *([f"Rows not chosen by the rules: {rest:,}"] if rest > 0 else []),
            f"Rows planned: {len(self.rows):,}{self._merged()}",
            f"Images rendered: {self._rendered():,}",
            f"Images written: {sum(self.splits.values()):,} ({written})",
        ]
        rest = self._rendered() - sum(self.splits.values())
        if rest > 0:
            lines.append(f"Images above what a class takes, or of classes left out: {rest:,}")
        return [*lines, f"Classes: {self.classes:,}"] if self.classes else lines

    def _merged(self) -> str:
        merged = int((self.rows.counts.get("files", np.zeros(0)) > 1).sum())
        return f", {merged:,} of them merged from several files" if merged else ""

    def _rejected_lines(self) -> list[str]:
        reasons = self.rows.reasons(_EXAMPLES)
        lines = [f"Rows rejected: {sum(reason.count for reason in reasons):,}"]
        for reason in reasons:
            lines.append(f"  {reason.name}: {reason.count:,}")
            lines += [f"    {key}: {message}" for key, message in reason.first]
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
            lines.append(f"  {found.dir_name}: {wording.counted(found.rows, 'row')}")
            pairs = found.excluded.items()
            lines += [
                f"    left out, {reason}: {wording.counted(count, 'row')}"
                for reason, count in pairs
            ]
            lines += [f"    {finding}" for finding in found.findings]
        if self.left_out:
            lines.append(f"Sources not in it: {len(self.left_out)}: {', '.join(self.left_out)}")
        return lines

    def _making(self) -> list[str]:
        if self.made_by is None:
            return []
        return self.made_by.lines(self._made(), self.kept)

    def _made(self) -> dict[str, int]:
        """Returns stage -> images it made in this run; what is announced is not rendered."""
        made = {"render": self._rendered() - self.kept, "assemble": sum(self.splits.values())}
        stages = made if self.made_by is None else self.made_by.seconds
        return {stage: made[stage] for stage in made if stage in stages}

    def write(self, folder: epath.Path) -> None:
        """Writes the table, with the summary in its metadata, and the text into a folder."""
        pieces = self.rows.tables()
        first = next(pieces)
        tables = itertools.chain([first], pieces)
        schema = first.schema.with_metadata({"summary": json.dumps(self._whole())})
        work.write_groups(tables, schema, folder / TABLE_NAME, compression="zstd")
        (folder / TEXT_NAME).write_text(self.text() + "\n", encoding="utf-8")

    def _whole(self) -> dict[str, Any]:
        """Returns the summary with what holds for this run alone."""
        run = {"engine": self.made_by.engine, "seconds": self.made_by.seconds,
               "images": self._made(), "kept": self.kept} if self.made_by else {}  # fmt: skip
        findings = {found.dir_name: list(found.findings) for found in self.found}
        return {**self.summary(), "findings": findings, "run": run}


def make(
    title: str,
    planned: Planned,
    rendered: Rendered,
    selection: Selection,
    made_by: Making,
) -> BuildReport:
    """Joins plan, chunks and selection to a report.

    Args:
      title: full name of the dataset.
      planned: the planned rows, and the sources that were read.
      rendered: what the chunks of the plan hold.
      selection: what entered the dataset.
      made_by: how it was made.
    """
    return BuildReport(
        title, outcome.of_build(planned.rows, rendered, selection), tuple(planned.found),
        selection.sizes(), len(selection.classes), selection.dropped, made_by, rendered.kept,
        planned.left_out,
    )  # fmt: skip
