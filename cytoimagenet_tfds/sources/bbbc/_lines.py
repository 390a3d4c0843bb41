"""Reading CSV files with broken lines: one bad line must cost that line alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree


def find(tree: Tree, name: str, columns: Sequence[str], report: Report) -> pd.DataFrame | None:
    """Returns the table called `name` as text, without its bad lines, or None where it is absent.

    Stray quotes and spaces around names and values are removed. Lines with too few or too many
    values are left out and reported.

    Args:
      tree: the source's files.
      name: file name, found in any folder, in any letter case.
      columns: columns the table must have; a fatal finding where it lacks one.
      report: gets what was found.
    """
    path = tree.find(name)
    if path is None:
        report.note("missing table", f"There is no {name}; what it says of the wells stays empty.")
        return None
    table, bad = parse(_text(tree.read_bytes(path)))
    if bad:
        report.note(
            "bad line",
            f"{wording.counted(len(bad), 'line')} of {path} left out: too few or too many values.",
            [f"line {number}" for number in bad],
        )
    absent = [column for column in columns if column not in table]
    if absent:
        report.fatal(f"{path} lacks the columns {absent}; it has {list(table.columns)}.")
        return None
    return table


def parse(text: str) -> tuple[pd.DataFrame, list[int]]:
    """Returns the table and the numbers, from 1, of the lines that do not fit its header.

    Every line is parsed by itself, since a quote that is not closed would swallow all lines up
    to the next one.
    """
    import pandas as pd

    header: list[str] | None = None
    rows: list[list[str]] = []
    bad: list[int] = []
    # Not splitlines(): it also divides at rare characters that a name may hold.
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip():
            continue
        values = _values(line, None if header is None else len(header))
        if header is None:
            header = values
        elif len(values) == len(header):
            rows.append(values)
        else:
            bad.append(number)
    return pd.DataFrame(rows, columns=header, dtype="str"), bad


def _values(line: str, count: int | None) -> list[str]:
    values = next(csv.reader([line]))
    if len(values) == 1 or (count is not None and len(values) != count):
        # A stray quote: the commas inside it were meant to divide.
        values = line.replace('"', "").split(",")
    if count is not None and len(values) == count + 1 and not values[-1].strip():
        values = values[:-1]  # a comma at the end of the line
    return [value.strip().strip('"').strip() for value in values]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
