from __future__ import annotations

import pytest
from trees import _write
from trees import bbbc012 as tree

from cytoimagenet_tfds import sources

GUID = "9AA4D9EA-1B2C-4D3E-8F40-5162738495A1"


@pytest.mark.parametrize(
    "name",
    [
        f"101210OrangePlt1_C16_w1_[{GUID}].tif",
        f"101210OrangePlt1_C16_w1{GUID}.TIF",
        f"101210OrangePlt1_c16_w1_{GUID.lower()}.tif",
        "101210OrangePlt1_C16_w1.tif",
    ],
)
def test_names_with_and_without_brackets(tmp_path, name):
    _write.image(tmp_path, f"BBBC012_v1_images/WT_plate2/{name}", dtype="uint16")
    rows = sources.get("bbbc012").table(tmp_path)
    assert list(rows["key"]) == ["bbbc012/WT_plate2/101210OrangePlt1_C16_w1.tif"]
    assert list(rows["well"]) == ["C16"]


def test_transmitted_light_is_never_merged(tmp_path):
    tree.make(tmp_path)
    rows = sources.get("bbbc012").table(tmp_path, rows="field")
    assert sorted(rows["channels"].unique()) == ["brightfield", "f_intestine|f_pharynx"]
    assert len(rows) == 8


def test_thumbnails_are_counted(tmp_path):
    tree.make(tmp_path)
    _, report = sources.get("bbbc012").table_and_report(tmp_path)
    assert [(f.kind, f.count) for f in report.findings] == [("left out", 1)]
    assert "thumbnail" in report.findings[0].message
