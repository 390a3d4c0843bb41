from __future__ import annotations

import shutil

import tifffile
from trees import _write, bbbc010

from cytoimagenet_tfds import sources

REAL = ("bbbc010", "CellProfiler+examples", "ExampleUntangleWorms", "images")


def test_real_files_are_read(tmp_path, shared_data):
    for file in shared_data(*REAL).glob("*.tif"):
        shutil.copy(file, tmp_path)
    rows = sources.get("bbbc010").table(tmp_path).set_index("key")
    assert list(rows.index) == ["bbbc010/C01_w1.tif", "bbbc010/C01_w2.tif"]
    assert list(rows["microscopy"]) == ["fluorescence", "brightfield"]
    assert list(rows["phenotype"]) == ["wildtype", "wildtype"]


def test_real_files_say_which_channel_is_transmitted_light(shared_data):
    """The page says the opposite."""
    names = {}
    for file in shared_data(*REAL).glob("*.tif"):
        with tifffile.TiffFile(file) as tiff:
            metamorph = tiff.pages[0].tags["UIC1tag"].value
        names[file.name.split("_")[7]] = metamorph["Name"]
    assert names == {"w1": "TRITC", "w2": "Tansmitted light"}


def test_fluorescence_and_transmitted_light_are_not_merged_by_field(tmp_path):
    bbbc010.make(tmp_path)
    rows = sources.get("bbbc010").table(tmp_path, rows="field")
    assert not rows["files"].str.contains("|", regex=False).any()
    assert len(rows) == bbbc010.ROWS


def test_masks_are_left_out_and_said(tmp_path):
    bbbc010.make(tmp_path)
    _, report = sources.get("bbbc010").table_and_report(tmp_path)
    assert {f.kind: f.count for f in report.findings} == {"left out": 2, "count": 1}


def test_another_plate_is_not_taken_for_this_one(tmp_path):
    stem = "1649_1109_0003_Amp5-1_B_20070424"
    bbbc010.make(tmp_path)
    other = bbbc010.path("C01_w1").replace(stem, "101210OranePlt1").replace("_w1_", "_w1_[")
    _write.empty(tmp_path, [other])
    rows, report = sources.get("bbbc010").table_and_report(tmp_path)
    assert len(rows) == bbbc010.ROWS
    assert [f.examples for f in report.findings if f.kind == "unknown name"] == [(other,)]
