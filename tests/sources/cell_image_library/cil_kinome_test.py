from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from trees import _write
from trees import cil_kinome as tree

from cytoimagenet_tfds import errors, sources

REAL = ("cil_kinome", "stan-hua+CytoImageNet", "annotations")
MAPPING = "cil_kinome_mapping.csv"


def read(root):
    rows, report = sources.get("cil_kinome").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_same_rows_as_the_author(tmp_path, shared_data):
    author = pd.read_csv(
        shared_data(*REAL, "cil_kinome_metadata.csv"), dtype="str", keep_default_na=False
    )
    shutil.copy(shared_data(*REAL, MAPPING), tmp_path)
    _write.empty(tmp_path, author["filename"])
    rows, findings = read(tmp_path)
    assert findings == []
    both = rows.merge(author, left_on="files", right_on="filename", how="outer", indicator=True)
    assert len(both) == len(author) == sources.get("cil_kinome").expected_rows == 908
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "cell_type", "microscopy"):
        assert (both[f"{column}_x"] == both[f"{column}_y"]).all(), column
    # Later he folded all families into the one label 'kinase'; here both stand.
    assert (both["cell_visible"] == "kinase|" + both["cell_component"].str.lower()).all()
    families = both["cell_visible"].str.split("|").str[1].value_counts()
    assert families.to_dict() == {
        "tk kinase": 158, "other kinase": 134, "camk kinase": 116, "agc kinase": 111,
        "cmgc kinase": 105, "tkl kinase": 84, "ste kinase": 80, "atypical kinase": 59,
        "ck1 kinase": 19, "ndk kinase": 18, "pkl kinase": 16, "rgc kinase": 8,
    }  # fmt: skip


def test_without_the_mapping_the_label_is_kinase(tmp_path):
    tree.make(tmp_path)
    keys = list(read(tmp_path)[0]["key"])
    (tmp_path / MAPPING).unlink()
    rows, findings = read(tmp_path)
    assert list(rows["key"]) == keys
    assert set(rows["cell_visible"]) == {"kinase"}
    assert [f.kind for f in findings] == ["missing table"]


def test_images_and_mapping_that_differ_are_told(tmp_path):
    tree.make(tmp_path)
    _, findings = read(tmp_path)
    assert [(f.kind, f.examples) for f in findings] == [
        ("not in table", ("53366.ome.tif",)), ("missing file", ("53465",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "pages", "kinds"),
    [
        ((12, 16), 1, []),
        ((12, 16, 3), 1, []),
        ((2, 12, 16), 2, []),
        ((3, 12, 16), 1, ["unexpected pages"]),
    ],
)
def test_pages_of_a_file(tmp_path, shape, pages, kinds):
    _write.image(tmp_path, "53464.tif", array=np.zeros(shape, np.uint16))
    rows, findings = read(tmp_path)
    assert list(rows["key"]) == ["cil_kinome/53464"]
    assert rows["files"][0].count("|") == pages - 1
    assert rows["channels"][0] == "f_nucleus|f_protein"
    assert [f.kind for f in findings] == ["missing table", *kinds]


def test_a_broken_file_is_left_to_the_build(tmp_path):
    _write.raw(tmp_path, "53464.tif", b"II*\0")
    _write.raw(tmp_path, "53465.tif", b"")
    rows, _ = read(tmp_path)
    assert list(rows["files"]) == ["53464.tif", "53465.tif"]


def test_pictures_alone_are_no_images(tmp_path):
    _write.image(tmp_path, "53464.jpg")
    with pytest.raises(errors.SourceLayoutError, match=r"53464\.jpg"):
        read(tmp_path)
