"""Cells and names of tables of measurements: doses, wells, plates, roles of columns."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import wells_cells, wells_columns, wells_values


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        (0.3, "c", 0.3), ("0.3", "c", 0.3), ("3e-1 uM", "c", 0.3), ("300 nM", "c", 0.3),
        ("0,3", "c", 0.3), ("0.3µM", "c", 0.3), ("0.3 μM", "c", 0.3), ("1 mM", "c", 1000),
        (300, "Dose (nM)", 0.3), ("0.3 uM", "conc_nM", 0.3), (np.float32(0.3), "c", 0.3),
        ("30 umol/l", "c", 30), (".5", "c", 0.5),
    ],
)  # fmt: skip
def test_doses(value, column, expected):
    assert wells_values.concentration(value, column) == expected


@pytest.mark.parametrize("value", ["high", "1,000", "3 mg/ml", "10 %"])
def test_doses_that_are_none(value):
    with pytest.raises(ValueError, match=r"number|comma|unit"):
        wells_values.concentration(value)


def test_a_dose_that_is_not_given():
    assert all(math.isnan(wells_values.concentration(v)) for v in ("", None, float("nan"), "NA"))


@given(
    st.sampled_from("ABCDEFGHIJKLMNOP"), st.integers(1, 24), st.sampled_from(["", "0", "-", " "])
)
def test_wells_in_any_spelling(row, column, between):
    assert wells_values.well(f"{row.lower()}{between}{column}") == f"{row}{column:02d}"


@pytest.mark.parametrize("value", ["Week1_22123", "22123", 22123, 22123.0, "week1-22123"])
def test_plates_of_the_benchmark(value):
    assert wells_values.plate(value) == "Week1_22123"


def test_other_plates_keep_their_name():
    assert wells_values.plate(" plate 7 ") == "plate 7"
    assert wells_values.plate("2016022123") == "2016022123"
    with pytest.raises(ValueError, match="no well"):
        wells_values.well("Z99")


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("Image_Metadata_Plate_DAPI", "plate"), ("Metadata_Well", "well"), ("wellID", "well"),
        ("Image_Metadata_Compound", "compound"), ("Concentration (uM)", "concentration"),
        ("conc_nM", "concentration"), ("Mechanism of Action", "moa"), ("ImageNumber", "image"),
        ("Cells_AreaShape_Area", ""), ("Metadata_Plate_Map_Name", ""), ("x", ""),
    ],
)  # fmt: skip
def test_roles_of_columns(column, role):
    frame = pd.DataFrame({column: [1]})
    found, _ = wells_columns.roles(frame, {}, "t")
    assert found == ({role: column} if role else {})


def test_levels_and_rules_that_are_not_known():
    rows = pd.DataFrame({"plate": ["a"], "well": ["A01"]})
    with pytest.raises(errors.ConfigError, match="no level 'wells'"):
        wells_cells.level_of(rows, "wells")
    with pytest.raises(errors.ConfigError, match="no rule 'drop'"):
        wells_cells.filled(np.ones((1, 1)), ["f"], "drop")
