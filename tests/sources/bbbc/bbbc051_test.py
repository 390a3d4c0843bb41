from __future__ import annotations

import numpy as np
import pytest
from trees import _write
from trees import bbbc051 as tree

from cytoimagenet_tfds import files, images, sources

NAME = "object_38359_333__4395__44_1.tif"


def read(root):
    rows, report = sources.get("bbbc051").table_and_report(root)
    return rows, report.findings


@pytest.mark.parametrize(
    ("folder", "cell_type"),
    [
        ("CD_CNT", "collecting duct"),
        ("CD", "collecting duct"),
        ("CNT", "collecting duct"),
        ("DCT", "distal convoluted tubule"),
        ("TAL", "thick ascending limb"),
        ("S1S2", "proximal tubule segments"),
        ("S2S3", "proximal tubule segments"),
        ("Nestin", "podocyte"),
        ("CD31glom", "endothelial"),
        ("CD31_glom", "endothelial"),
        ("CD31int", "endothelial"),
        ("CD31_inter", "endothelial"),
        ("CD45.0", "white blood cell"),
        ("CD45.1", "white blood cell"),
        ("CD45.2", "white blood cell"),
        ("CD45", "white blood cell"),
    ],
)
def test_folders_of_cell_types(tmp_path, folder, cell_type):
    _write.empty(tmp_path, [f"{folder}/All_3D/{NAME}"])
    rows, findings = read(tmp_path)
    assert list(rows["cell_type"]) == [cell_type]
    assert findings == []


def test_a_second_folder_of_the_same_name_changes_no_key(tmp_path):
    _write.empty(tmp_path / "once", [f"Images/F33/TAL/All_3D/{NAME}"])
    _write.empty(tmp_path / "twice", [f"Images/F33/TAL/TAL/All_3D/{NAME}"])
    once, twice = read(tmp_path / "once")[0], read(tmp_path / "twice")[0]
    assert list(once["key"]) == list(twice["key"])


def test_specimens_keep_objects_of_one_name_apart(tmp_path):
    _write.empty(tmp_path, [f"Images/{s}/TAL/All_3D/{NAME}" for s in ("F33", "F44", "F59")])
    rows, _ = read(tmp_path)
    assert list(rows["batch"]) == ["F33", "F44", "F59"]
    assert rows["group"].nunique() == 3


def test_a_nucleus_in_two_classes_is_in_one_group(tmp_path):
    _write.empty(tmp_path, [f"Images/F33/{c}/All_3D/{NAME}" for c in ("S1S2", "S2S3")])
    assert read(tmp_path)[0]["group"].nunique() == 1


def test_an_unknown_folder_is_told(tmp_path):
    tree.make(tmp_path)
    _, findings = read(tmp_path)
    assert [(f.kind, f.examples) for f in findings] == [("unknown cell type", ("Mystery",))]


def test_the_middle_plane_is_taken(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    reference = files.parse(rows["files"][0])
    stack = _write.pixels(reference.path, (7, 32, 32))
    np.testing.assert_array_equal(
        images.read(tmp_path / reference.path, reference.plane), stack[len(stack) // 2]
    )
