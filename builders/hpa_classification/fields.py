"""Reading the competition's folder and the atlas' release 18: one row per image, checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.builders.hpa_classification import duplicates, sizes
from cytoimagenet_tfds.builders.hpa_classification.rules import Rules
from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.kaggle import _hpa, kag_hpa

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

LABELS = kag_hpa.LABELS
EXTERNAL = "hpa_v18"
UNLABELLED = "unlabelled"  # in `structures`: no labels were published for the image
_SUFFIXES = {"png": (".png",), "full_size": (".tif", ".tiff")}
EXTERNAL_FILE = (
    r"(?:^|/)(?P<antibody>\d+)[/_](?P<plate>(?:si)?\d+)_(?P<well>[A-P]\d{1,2})"
    r"_(?P<site>\d+(?:_cr[0-9a-f]+)?)"
    r"_(?P<channel>red|green|blue|yellow)\.(?:jpe?g|png|tiff?)$"
)
_SHOWN = 20  # ids in a message


class Reader:
    """Reads the lines of one folder; what no row table has a column for stays here.

    Attributes:
      structures: id -> structure numbers in rising order, a space between ('0 16').
      copies: id -> digest of the files, for images that were given more than once.
    """

    def __init__(
        self,
        rules: Rules,
        find: Callable[[Tree, Report], pd.DataFrame],
        table: Callable[[Tree, Report], pd.DataFrame | None],
    ) -> None:
        self._rules, self._find, self._table = rules, find, table
        self.structures: dict[str, str] = {}
        self.copies: dict[str, str] = {}

    def __call__(self, tree: Tree, report: Report) -> pd.DataFrame:
        """Returns one line per stain file, as the reader of a source does."""
        lines = self._find(tree, report)
        listed = self._table(tree, report)
        if lines.empty or listed is None:
            return lines
        cells = dict(zip(listed["id"], listed["cell"], strict=True))
        tests = _test_ids(lines, listed)
        wrong = {
            **_wrong_labels(sorted(lines["field"].unique()), cells, tests),
            "channels of different size": sizes.differing(tree, lines),
            "a missing colour": _missing_colours(lines),
        }
        self._report(wrong, report)
        bad = {name for found in wrong.values() for name in found}
        self.structures = {
            name: UNLABELLED if name in tests else numbers(cells.get(name, ""))
            for name in lines["field"].unique()
        }
        if self._rules.duplicates != "none":
            self.copies = duplicates.same_files(tree, lines)
        left_out = lines["field"].isin(list(bad))
        return lines.assign(excluded=["unusable" if out else "" for out in left_out])

    def _report(self, wrong: Mapping[str, Mapping[str, str]], report: Report) -> None:
        for kind, found in wrong.items():
            if not found:
                continue
            shown = "; ".join(f"{name}{f' ({why})' if why else ''}" for name, why in sorted(found.items())[:_SHOWN])  # fmt: skip  # noqa: E501
            more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
            message = (
                f"{wording.counted(len(found), 'image has', 'images have')} {kind}: {shown}{more}."
            )
            if self._rules.problems == "stop":
                report.fatal(f'{message} The rule {{"problems": "leave_out"}} leaves them out.')
            else:
                report.note("unusable", f"{message} They are left out.", sorted(found))


def competition(rules: Rules) -> tuple[Source, Reader]:
    """Returns the competition as a source with one row per image, and its reader."""
    suffixes = _SUFFIXES[rules.size]

    def find(tree: Tree, report: Report) -> pd.DataFrame:
        lines = kag_hpa.read(tree, report)
        if lines.empty:
            return lines
        wanted = lines["path"].str.lower().str.endswith(suffixes)
        if not wanted.any():
            report.fatal(f"There are no {suffixes[0]} files, which {rules.size} needs.")
        return lines[wanted].reset_index(drop=True)

    reader = Reader(rules, find, lambda tree, report: _hpa.listed_fields(tree, report, LABELS))
    expected = 42_774  # 31,072 with labels and 11,702 without
    return dataclasses.replace(
        kag_hpa.SOURCE, rows="field", read=reader, expected_rows=expected, expected_files=None
    ), reader


def release_18(rules: Rules) -> tuple[Source, Reader]:
    """Returns the images of release 18 as a source with one row per image, and its reader."""

    def find(tree: Tree, report: Report) -> pd.DataFrame:
        lines = tree.match(EXTERNAL_FILE, report)
        if lines.empty:
            return lines
        lines["channel"] = lines["channel"].str.lower()
        parts = [lines.pop(name) for name in ("antibody", "plate", "well", "site")]
        lines["field"] = parts[0] + "_" + parts[1] + "_" + parts[2] + "_" + parts[3]
        lines["canonical"] = lines["field"] + "_" + lines["channel"]
        return lines

    def table(tree: Tree, report: Report) -> pd.DataFrame | None:
        found = tree.table("HPAv18RBGY_wodpl.csv", ("Id", "Target"), report)
        return None if found is None else found.rename(columns={"Id": "id", "Target": "cell"})

    reader = Reader(rules, find, table)
    return dataclasses.replace(_RELEASE_18, read=reader), reader


def numbers(cell: str) -> str:
    """Returns the structure numbers of a cell in rising order: '16 0' -> '0 16'."""
    return " ".join(map(str, LABELS.numbers(cell)))


def _test_ids(lines: pd.DataFrame, listed: pd.DataFrame) -> frozenset[str]:
    """Returns the ids whose labels were never published."""
    # `listed_fields` gives the images of the competition's own list an empty cell; without that
    # list the folder tells.
    folder = lines["path"].str.lower().str.match(r"(?:.*/)?test[^/]*/")
    labelled = set(listed.loc[listed["cell"] != "", "id"])
    return frozenset(set(lines.loc[folder, "field"]) - labelled)


def _wrong_labels(
    names: Sequence[str], cells: Mapping[str, str], tests: frozenset[str]
) -> dict[str, dict[str, str]]:
    asked = [name for name in names if name not in tests]
    last = len(LABELS.structures) - 1
    return {
        "no labels": {name: "" for name in asked if not cells.get(name, "").strip()},
        f"a label outside 0 to {last}": {
            name: cells[name] for name in asked if name in cells and LABELS.is_odd(cells[name])
        },
    }


def _missing_colours(lines: pd.DataFrame) -> dict[str, str]:
    colours = [channel.code for channel in _hpa.CHANNELS]
    there = lines.groupby("field")["channel"].agg(set)
    incomplete = there[there.map(len) < len(colours)]
    return {
        str(name): "no " + ", ".join(c for c in colours if c not in found)
        for name, found in incomplete.items()
    }


_RELEASE_18 = Source(
    dir_name=EXTERNAL,
    name="Human Protein Atlas, release 18",
    database="Human Protein Atlas",
    description=(
        "Images of the atlas with the structures of the competition, 74,606 in the list "
        "HPAv18RBGY_wodpl.csv; some are the same pictures as those of the competition."
    ),
    homepage="http://v18.proteinatlas.org",
    licence="unknown",
    licence_page="",
    citation="",
    rows="field",
    channels=_hpa.CHANNELS,
    downloads=(Download(url="http://v18.proteinatlas.org", note="One JPEG per stain."),),
    manual=(
        "hpa_v18/HPAv18RBGY_wodpl.csv (columns Id and Target, structure numbers with a space "
        "between; published with the competition's solutions) and, for each Id such as "
        "10580_1610_C1_1, hpa_v18/images/10580_1610_C1_1_<colour>.jpg or, as the atlas names it, "
        "hpa_v18/images/10580/1610_C1_1_<colour>.jpg."
    ),
    unsure=("The licence: content of the atlas was CC BY-SA 3.0 at the time.",),
    read=lambda tree, report: tree.match(EXTERNAL_FILE, report),
)
