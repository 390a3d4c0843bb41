"""What a source dataset is: facts declared as data, and one function that reads its tables."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.sources.report import Report

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.tree import Tree

Rows = Literal["field", "channel"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Channel:
    """One plane of a field of view, as the source stores it.

    Attributes:
      code: how the source's file names call it (`1`, `w1`, `DAPI`, `blue`).
      name: stain in the column `channels` (`f_nucleus`, `brightfield`).
      visible: value of `cell_visible` it contributes, '' for none.
      microscopy: modality of the plane.
      stain: the dye or antibody, for documentation.
      merge: False for transmitted light and masks, which are never merged with
        fluorescence and are rows of their own.
      optional: True where only part of the fields have it: such a channel is never missing.
    """

    code: str
    name: str
    visible: str = ""
    microscopy: str = "fluorescence"
    stain: str = ""
    merge: bool = True
    optional: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Download:
    """One file of the source on the web.

    Attributes:
      url: address as published, percent-encoded.
      size: bytes, None where not published.
      sha256: checksum, None where none was found.
      note: what it holds, and whether the build needs it.
      needed: False for masks, features and other things no row is made of.
      numbers: what may stand for `{number}` in the address; the server has a file for part of
        them. None for an address of one file or folder.
      count: files the server should have for the numbers.
      listed_in: name of a table beside the files whose column `file_name` tells which numbers
        there are; where it lies there, no other is asked for.
    """

    url: str
    size: int | None = None
    sha256: str | None = None
    note: str = ""
    needed: bool = True
    numbers: range | None = None
    count: int | None = None
    listed_in: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """One of the 40 source datasets.

    Attributes:
      dir_name: short name; the folder under `manual_dir` has it too.
      name: name as CytoImageNet writes it.
      database: database it belongs to.
      description: two or three sentences for documentation.
      homepage: page of the dataset.
      links: further pages: paper, competition, mirror.
      licence: SPDX identifier, or 'unknown' where none was found.
      licence_page: where the licence is stated, or where to ask.
      citation: BibTeX.
      rows: 'field' merges the stained channels of a field into one row, 'channel' makes every
        file a row of its own.
      channels: the planes of one field in file order; empty where files are not stains.
      constants: columns with one value for the whole dataset (organism, microscopy ...).
      expected_files: image files of the complete download, None where unknown.
      expected_rows: rows of the complete download, second copies of an image not counted; None
        where unknown.
      image_size: (height, width) in pixels, None where it varies or is unknown.
      bit_depth: significant bits of a pixel, None where it varies or is unknown.
      pixel_size: side of a pixel in micrometres, None where it varies or is unknown.
      segmented: True where each cell was cut out on a black background.
      stacked: True where one file holds all channels of its field: they stay one row in either
        mode of `rows`.
      download_gb: gigabytes of the needed downloads, rounded as published; None where unknown.
      downloads: the files to fetch.
      manual: what to do by hand and how the folder looks afterwards.
      unsure: facts that no real file has confirmed; shown when reading fails.
      read: reads the tables and names below a root; returns one line per image file, see
        `rows.assemble`.
    """

    dir_name: str
    name: str
    database: str
    description: str
    homepage: str
    licence: str
    licence_page: str
    citation: str
    rows: Rows
    read: Callable[[Tree, Report], pd.DataFrame]
    channels: tuple[Channel, ...] = ()
    constants: dict[str, str] = dataclasses.field(default_factory=dict)
    links: tuple[str, ...] = ()
    expected_files: int | None = None
    expected_rows: int | None = None
    image_size: tuple[int, int] | None = None
    bit_depth: int | None = None
    pixel_size: float | None = None
    segmented: bool = False
    stacked: bool = False
    download_gb: float | None = None
    downloads: tuple[Download, ...] = ()
    manual: str = ""
    unsure: tuple[str, ...] = ()

    def table(self, root: str | os.PathLike[str], *, rows: Rows | None = None) -> pd.DataFrame:
        """Returns the row table of what lies under `root`.

        Args:
          root: folder of the unpacked source, local or any path `etils.epath` reads.
          rows: 'field' or 'channel' to override the source's own rule (`multichannel` always
            goes by field).

        Returns:
          One row per image, sorted by key, with the columns `schema.names('rows')`. What was
          expected and not found is logged as a warning.

        Raises:
          SourceLayoutError: nothing under `root` looks as expected; all reasons at once.
        """
        table, report = self.table_and_report(root, rows=rows)
        for finding in report.findings:
            logging.getLogger(__name__).warning("%s: %s", self.dir_name, finding)
        return table

    def table_and_report(
        self, root: str | os.PathLike[str], *, rows: Rows | None = None
    ) -> tuple[pd.DataFrame, Report]:
        """As `table`, with what was expected and not found instead of log lines."""
        # Here, because a declaration alone must not cost the import of pandas.
        from cytoimagenet_tfds.sources import rows as rows_module
        from cytoimagenet_tfds.sources.tree import Tree

        report = Report()
        tree = Tree(root)
        if tree.files:
            files = self.read(tree, report)
            if files.empty and not report.fatals:
                report.fatal("No image file is left of those that lie there.", tree.files)
        else:
            report.fatal(f"{tree.root} holds no file.")
        _note_skipped(tree, report)
        self._stop_if_fatal(tree, report)
        if tree.members:
            places = {path: f"{inner}?{span}" for path, (inner, span) in tree.members.items()}
            files["location"] = files["path"].map(places).fillna("")
        table = rows_module.assemble(self, files, report, rows=rows or self.rows)
        self._stop_if_fatal(tree, report)
        if rows in (None, self.rows):
            self._compare_counts(table, report)
        return table, report

    def _stop_if_fatal(self, tree: Tree, report: Report) -> None:
        if report.fatals:
            raise errors.SourceLayoutError(self._layout_message(str(tree.root), report))

    def _compare_counts(self, table: pd.DataFrame, report: Report) -> None:
        found = int((~table["excluded"].isin(["copy", "label mask"])).sum())
        if self.expected_rows is not None and found != self.expected_rows:
            report.note(
                "count",
                f"{wording.counted(found, 'row')}; the complete download has "
                f"{self.expected_rows:,}.",
            )

    def _layout_message(self, root: str, report: Report) -> str:
        lines = [f"{self.dir_name} ({self.name}) cannot be read from {root}:"]
        lines += [f"- {message}" for message in report.fatals]
        lines += [f"- {finding}" for finding in report.findings]
        if self.manual:
            lines += ["How the folder should look:", self.manual]
        if self.unsure:
            lines.append("Never confirmed on a real file, so perhaps the reader is wrong here:")
            lines += [f"- {fact}" for fact in self.unsure]
        lines.append(f"Where to get it: {self.homepage}")
        return "\n".join(lines)


def _note_skipped(tree: Tree, report: Report) -> None:
    if tree.links:
        report.note(
            "link",
            f"{wording.counted(len(tree.links), 'link')} to folders, or to files outside "
            f"{tree.root}, not followed. Put the files themselves there, or give their folder as "
            "the root.",
            tree.links,
        )
    if tree.undecodable:
        report.note(
            "name",
            f"{wording.counted(len(tree.undecodable), 'file')} left out, whose name is no UTF-8. "
            "Rename them.",
            tree.undecodable,
        )
    if tree.packed:
        report.note(
            "archive",
            f"{wording.counted(len(tree.packed), 'archive is', 'archives are')} compressed as a "
            "whole, or inside another one: to be unpacked where it lies; `cytoimagenet fetch NAME "
            "--unpack` does it for .tar.gz.",
            tree.packed,
        )
