"""Names of wells: row letters and a two-digit column, `A01` to `AF48`.

Plates of 1536 wells have 32 rows: after Z follow AA to AF.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_WELL = re.compile(r"([Aa]?[A-Za-z])[ _-]?([0-9]{1,2})")


def row_letters(row: int) -> str:
    """Returns the letters of a 1-based row: 1 -> 'A', 26 -> 'Z', 27 -> 'AA', 32 -> 'AF'."""
    if not 1 <= row <= 52:
        raise ValueError(f"A plate has rows 1 to 52 at most, not {row}.")
    return ("A" if row > 26 else "") + chr(ord("A") + (row - 1) % 26)


def row_number(letters: str) -> int:
    """Returns the 1-based row of its letters: 'A' -> 1, 'AA' -> 27."""
    text = letters.upper()
    if re.fullmatch(r"A?[A-Z]", text) is None:
        raise ValueError(f"{letters!r} is no row of a plate: expected A to Z or AA to AZ.")
    return ord(text[-1]) - ord("A") + 1 + (26 if len(text) == 2 else 0)


def name(row: int | str, column: int | str) -> str:
    """Returns the name of a well: (1, 1), ('a', '01') and ('A', 1) -> 'A01'.

    Args:
      row: 1-based number or letters.
      column: 1-based number, as int or text.

    Raises:
      ValueError: there is no such row or column.
    """
    letters = row_letters(row if isinstance(row, int) else row_number(row))
    number = int(column)
    if number < 1:
        raise ValueError(f"Columns of a plate are counted from 1, not {column}.")
    return f"{letters}{number:02d}"


def normalize(well: str) -> str:
    """Returns a well's name in one form: 'a1', 'A-01', 'A 1' -> 'A01'; '' stays ''.

    Raises:
      ValueError: the text is no well.
    """
    if not well.strip():
        return ""
    found = _WELL.fullmatch(well.strip())
    if found is None:
        raise ValueError(f"{well!r} is no well: expected letters and a column, as in A01.")
    return name(found[1], found[2])


def from_index(index: int, columns: int) -> str:
    """Returns the well of a 1-based, row-major number: (13, 12) -> 'B01'.

    Args:
      index: number of the well, from 1.
      columns: wells in a row: 12, 24 or 48.
    """
    if index < 1:
        raise ValueError(f"Wells are counted from 1, not {index}.")
    return name((index - 1) // columns + 1, (index - 1) % columns + 1)


def normalize_all(wells: pd.Series) -> pd.Series:
    """As `normalize` for a whole column; each distinct text is worked out once."""
    names = {well: normalize(well) for well in wells.unique()}
    return wells.map(names).astype("str")
