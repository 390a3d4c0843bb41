from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds.sources import wells

ROWS = st.integers(1, 32)
COLUMNS = st.integers(1, 48)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a1", "A01"), ("A01", "A01"), ("p24", "P24"), ("A-1", "A01"), ("A 01", "A01"),
        ("aa2", "AA02"), ("AF48", "AF48"), (" B03 ", "B03"), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_normalize(text, expected):
    assert wells.normalize(text) == expected


@pytest.mark.parametrize("text", ["1A", "A", "A001", "BA01", "A1b", "é1"])
def test_normalize_names_what_is_no_well(text):
    with pytest.raises(ValueError, match=text):
        wells.normalize(text)


@pytest.mark.parametrize(
    ("index", "columns", "expected"),
    [(1, 12, "A01"), (12, 12, "A12"), (13, 12, "B01"), (96, 12, "H12"), (384, 24, "P24"),
     (1536, 48, "AF48")],
)  # fmt: skip
def test_from_index(index, columns, expected):
    assert wells.from_index(index, columns) == expected


@pytest.mark.parametrize(
    ("row", "column"), [(0, 1), (53, 1), ("BB", 1), ("", 1), (1, 0), ("A", "0")]
)
def test_places_no_plate_has(row, column):
    with pytest.raises(ValueError, match="plate"):
        wells.name(row, column)


def test_counting_starts_at_one():
    with pytest.raises(ValueError, match="not 0"):
        wells.from_index(0, 12)


@given(ROWS, COLUMNS)
def test_row_letters_and_numbers_are_inverse(row, column):
    letters = wells.row_letters(row)
    assert wells.row_number(letters) == wells.row_number(letters.lower()) == row
    assert wells.normalize(wells.name(row, column)) == wells.name(letters, f"{column}")


@given(COLUMNS, st.integers(1, 32 * 48))
def test_index_is_row_major(columns, index):
    row, column = divmod(index - 1, columns)
    if row < 32:
        assert wells.from_index(index, columns) == wells.name(row + 1, column + 1)


def test_a_column_of_wells():
    assert list(wells.normalize_all(pd.Series(["b2", "b2", ""]))) == ["B02", "B02", ""]
