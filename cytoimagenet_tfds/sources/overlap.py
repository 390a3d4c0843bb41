"""What several sources have in common: the same image must not be trained on and tested with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def shared_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Returns the groups that stand in more than one source.

    A group is a global key (`hpa:<uuid>`, a plate well), so a shared one is the same specimen under
    two names. The split keeps a group on one side, whatever source a row is of.

    Args:
      rows: row tables of several sources, one after the other.

    Returns:
      One line per shared group: `group`, `sources` (dir_names, sorted, joined by '|') and `rows`,
      sorted by group.
    """
    pairs = rows[["group", "dir_name"]].drop_duplicates()
    shared = pairs["group"][pairs["group"].duplicated()].unique()
    found = rows[rows["group"].isin(shared)].groupby("group", sort=True)["dir_name"]
    table = found.agg(sources=lambda names: "|".join(sorted(set(names))), rows="size")
    return table.reset_index()
