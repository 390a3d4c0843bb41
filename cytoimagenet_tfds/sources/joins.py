"""Joining a source's tables (plate maps, label lists) to its files."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from pandas.api.types import is_string_dtype

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.report import Report


def join(
    lines: pd.DataFrame, table: pd.DataFrame, on: Sequence[str], report: Report, what: str
) -> pd.DataFrame:
    """Adds the columns of a table to the lines that have the same values in `on`.

    Args:
      lines: one line per image file; order and number of lines stay.
      table: `on` and further columns. Of several lines with the same values in `on` the first
        one counts.
      on: columns both have; compared as they are, so normalize letter case and wells before.
      report: gets contradicting lines of the table, files the table does not list, and lines of
        the table without a file.
      what: name of the table in messages.

    Returns:
      The lines with the table's further columns; where the table has no line '' for text and NaN
      for numbers.
    """
    keys = list(on)
    table = table.drop_duplicates()
    again = table.duplicated(keys)
    if again.any():
        report.note(
            "contradicting lines",
            f"{what}: {wording.counted(int(again.sum()), 'line contradicts', 'lines contradict')} "
            "an earlier one; the first counts.",
            _shown(table.loc[again, keys]),
        )
        table = table[~again]
    joined = lines.merge(table, on=keys, how="left", indicator="_found", validate="many_to_one")
    unlisted = joined.pop("_found") == "left_only"
    if unlisted.any():
        report.note(
            "not in table",
            f"{wording.counted(int(unlisted.sum()), 'image file')} not in {what}; the values stay "
            "empty.",
            joined.loc[unlisted, "path"].tolist(),
        )
    _note_absent(lines, table, keys, report, what)
    text = [c for c in table.columns if c not in keys and is_string_dtype(table[c].dtype)]
    return joined.fillna(dict.fromkeys(text, ""))


def _note_absent(
    lines: pd.DataFrame, table: pd.DataFrame, keys: list[str], report: Report, what: str
) -> None:
    present = lines[keys].drop_duplicates()
    absent = table[keys].merge(present, on=keys, how="left", indicator="_found")
    absent = absent[absent["_found"] == "left_only"]
    if len(absent):
        report.note(
            "missing file",
            f"{wording.counted(len(absent), f'line of {what} has', f'lines of {what} have')} no "
            "image file.",
            _shown(absent[keys]),
        )


def _shown(values: pd.DataFrame) -> list[str]:
    return [" ".join(line) for line in values.itertuples(index=False)]
