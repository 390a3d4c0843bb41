"""The reference implementation's way to give a label its rows, to compare times with.

It searches the label as a regular expression in the text of every row, looks every row up among
the used ones, and samples each group of a `groupby` by itself.
"""

from __future__ import annotations

import pandas as pd

from cytoimagenet_tfds.curation.config import CurationConfig

_FIRST = ("name", "organism", "cell_type")
_SECOND = ("organism", "cell_type", "cell_visible", "sirna", "compound", "phenotype")


def take(
    table: pd.DataFrame, column: str, label: str, used: set[str], config: CurationConfig
) -> pd.DataFrame:
    """Returns the rows of a label, at most `target`, and adds their keys to `used`."""
    rows = table[table[column].str.contains(label) & ~table["key"].isin(used)]
    if len(rows) < config.min_images:
        return rows.iloc[:0]
    second = [name for name in _SECOND if name != column]
    if len(rows) > config.presample:
        first = [name for name in _FIRST if name != column]
        second = [name for name in second if name not in first]
        rows = _sample(rows, first, config.presample)
    if len(rows) > config.target:
        rows = _at_least(rows, second, config.target).sample(config.target, random_state=0)
    used.update(rows["key"])
    return rows


def _at_least(rows: pd.DataFrame, columns: list[str], count: int) -> pd.DataFrame:
    """Raises the share until enough rows are drawn, as small groups round to none."""
    wanted = count
    found = _sample(rows, columns, wanted)
    while len(found) < count:
        wanted = min(wanted + int(0.02 * len(rows)) + 1, len(rows))
        found = _sample(rows, columns, wanted)
    return found


def _sample(rows: pd.DataFrame, columns: list[str], count: int) -> pd.DataFrame:
    share = count / len(rows)
    groups = rows.groupby(columns, dropna=False, sort=False)
    parts = [group.sample(frac=share, random_state=0) for _, group in groups]
    return pd.concat(parts)
