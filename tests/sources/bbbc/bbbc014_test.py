from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from trees import _write, bbbc014

from cytoimagenet_tfds import sources

AUTHOR = (
    "bbbc014",
    "stan-hua+CytoImageNet",
    "annotations",
    "author_tables",
    "bbbc014_metadata.csv",
)
REAL = ("bbbc014", "CellProfiler+examples", "ExampleVitraImages", "images")


def test_same_rows_as_the_author(tmp_path, shared_data):
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    _write.empty(tmp_path, "BBBC014_v1_images/" + author["filename"])
    rows, report = sources.get("bbbc014").table_and_report(tmp_path)
    assert [f.kind for f in report.findings] == ["missing table"]  # the plate map
    rows["filename"] = rows["files"].str.rsplit("/", n=1).str[1]
    both = rows.merge(author, on="filename", how="outer", suffixes=("", "_author"), indicator=True)
    assert len(both) == len(author) == 192
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "microscopy", "phenotype"):
        assert (both[column] == both[f"{column}_author"]).all(), column
    # He wrote both lines on every image; the row of the plate says which one it is.
    assert set(both["cell_type_author"]) == {"mcf7|a549"}
    cells = set(zip(both["well"].str[0], both["cell_type"], strict=True))
    assert cells == {*((row, "mcf7") for row in "ABCD"), *((row, "a549") for row in "EFGH")}
    # He wrote nucleus on every image; channel 1 is NFkB, in the nucleus or not.
    assert set(both["cell_component"]) == {"nucleus"}
    assert (both["cell_visible"] == "nucleus").sum() == 96
    # He left the compound out.
    assert set(both["compound"]) == {"tnf alpha"}


def test_real_files_re_saved_as_tiff(tmp_path, shared_data):
    for file in shared_data(*REAL).glob("*.tif"):
        shutil.copy(file, tmp_path)
    rows = sources.get("bbbc014").table(tmp_path)
    assert list(rows["well"]) == ["A01", "A01", "A12", "A12"]
    assert list(rows["cell_visible"]) == ["", "nucleus", "", "nucleus"]
    assert np.isnan(rows["concentration"]).all()
    assert list(rows["concentration_unit"]) == [""] * 4


_NO_DOSES = ("high", "10^-11.57.5", "10^-11..", "10^999", "1e999", ".", "10^")


@pytest.mark.parametrize(
    "text",
    ["", "header\n10^-7\n", *("header\n" + "10^-7\n" * 95 + last for last in _NO_DOSES)],
    ids=["empty", "short", *_NO_DOSES],
)  # fmt: skip
def test_a_broken_plate_map_leaves_doses_unknown_and_is_reported(tmp_path, text):
    bbbc014.make(tmp_path)
    _write.text(tmp_path, "BBBC014_v1_platemap_all.txt", text)
    rows, report = sources.get("bbbc014").table_and_report(tmp_path)
    assert rows["concentration"].isna().all()
    assert set(rows["compound"]) == {"tnf alpha"}
    assert [f.kind for f in report.findings] == ["plate map", "count"]


def test_plain_numbers_are_molar_too(tmp_path):
    bbbc014.make(tmp_path)
    _write.text(tmp_path, "BBBC014_v1_platemap_all.txt", "dose\r" + "1e-9\r" * 95 + "0")
    rows = sources.get("bbbc014").table(tmp_path).set_index("key")
    assert rows.loc["bbbc014/A01_00_channel1.bmp", "concentration"] == pytest.approx(1e-3)
    assert rows.loc["bbbc014/H12_00_channel1.bmp", "concentration"] == 0


def test_a_number_that_contradicts_its_well_is_reported(tmp_path):
    _write.empty(tmp_path, ["Channel 1-02-A-01-00.Bmp"])
    rows, report = sources.get("bbbc014").table_and_report(tmp_path)
    assert list(rows["well"]) == ["A01"]
    assert "contradicting name" in [f.kind for f in report.findings]
