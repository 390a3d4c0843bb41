"""Plate maps: what was given to each well, declared, joined to files, compared with map files."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclasses.dataclass(frozen=True)
class Well:
    """What one well holds: columns of the row table of the same names."""

    compound: str = ""
    concentration: float = math.nan
    concentration_unit: str = ""
    control: str = ""


def add(files: pd.DataFrame, plate: Mapping[str, Well], report: Report) -> pd.DataFrame:
    """Returns the lines with the columns of `Well`, found by their column `well`.

    Wells the map does not hold keep unknown values and are reported.
    """
    result = files.copy()
    for field in dataclasses.fields(Well):
        known = {name: getattr(well, field.name) for name, well in plate.items()}
        result[field.name] = [known.get(name, field.default) for name in result["well"]]
    absent = sorted(set(result["well"]) - set(plate))
    if absent:
        report.note(
            "not in plate map",
            f"{wording.counted(len(absent), 'well stands', 'wells stand')} in no plate map.",
            absent,
        )
    return result


def check_numbers(files: pd.DataFrame, columns: int, report: Report) -> None:
    """Reports names whose row-major `number` and whose `well` contradict each other."""
    from cytoimagenet_tfds.sources import wells

    counted = {n: wells.from_index(int(n), columns) for n in files["number"].unique() if int(n)}
    wrong = files["number"].map(counted) != files["well"]
    if wrong.any():
        report.note(
            "contradicting name",
            f"{wording.counted(int(wrong.sum()), 'name gives', 'names give')} one well by number "
            "and another by row and column; row and column count.",
            files.loc[wrong, "path"].tolist(),
        )


def numbers(text: str) -> list[float]:
    """Returns the numbers of a CellProfiler text file: a header line, then a number a line."""
    lines = [line.strip().strip('"') for line in re.split(r"\r\n|\r|\n", text)]
    return [float(line) for line in lines[1:] if _NUMBER.fullmatch(line)]


def compare(
    tree: Tree, name: str, names: Sequence[str], declared: Sequence[float], report: Report
) -> None:
    """Reports the wells in which a plate map file and the declared doses differ.

    Args:
      tree: the source's files; nothing is compared where the map file is not there.
      name: name of the map file, one number per well, in the order of `names`.
      names: wells, row by row.
      declared: dose of each well, 0 for none.
      report: gets a finding; the declared doses count.
    """
    path = tree.find(name)
    if path is None:
        return
    found = numbers(tree.read_bytes(path).decode("latin-1"))
    if len(found) != len(names):
        report.note(
            "plate map",
            f"{path} holds {len(found):,} numbers, expected {len(names):,}: not compared.",
        )
        return
    pairs = zip(names, found, declared, strict=True)
    other = [f"{well} {there:g} against {here:g}" for well, there, here in pairs
             if not math.isclose(there, here, rel_tol=0.02, abs_tol=1e-9)]  # fmt: skip
    if other:
        report.note(
            "plate map",
            f"{path} differs from the declared plate map in {wording.counted(len(other), 'well')}; "
            "the declared one, from the page, counts.",
            other,
        )
