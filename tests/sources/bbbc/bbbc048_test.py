from __future__ import annotations

import pytest
from trees import _write
from trees import bbbc048 as tree

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources.tree import Tree

LISTS = ("bbbc048", "theislab+deepflow", "records")
CLASSES = ("Anaphase", "Telophase", "G2", "Prophase", "Metaphase", "G1", "S")  # by class number


def read(root):
    rows, report = sources.get("bbbc048").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_the_overlay_is_no_row(tmp_path):
    tree.make(tmp_path)
    rows, findings = read(tmp_path)
    assert not rows["files"].str.contains("merged").any()
    assert findings == []


def test_three_modalities_are_never_merged(tmp_path):
    tree.make(tmp_path)
    assert len(sources.get("bbbc048").table(tmp_path, rows="field")) == tree.ROWS


@pytest.mark.parametrize("folder", ["CellCycle/S", "CellCycle/CellCycle/s", "S", "G1/S"])
def test_folders_of_phases(tmp_path, folder):
    _write.empty(tmp_path, [f"{folder}/15619_Ch4.ome.jpg"])
    rows, _ = read(tmp_path)
    assert list(rows["key"]) == ["bbbc048/s/15619_Ch4.ome.jpg"]


def test_the_images_of_a_cell_share_a_group(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    assert (rows.groupby("group").size() == 3).all()


def test_all_cells_of_the_real_lists(tmp_path, shared_data, monkeypatch):
    """The lists repeat the cells of small classes; names alone are simulated: 96,798 of them."""
    lines = [line.split() for name in ("train_fold_1.lst", "test_fold_1.lst")
             for line in shared_data(*LISTS, name).read_text().splitlines()]  # fmt: skip
    listed = {path.split("CellCycle/")[1].removesuffix("_merged.jpg"): int(number)
              for _, number, path in lines}  # fmt: skip
    assert len(listed) == 32_266
    names = [f"CellCycle/{cell}_{end}" for cell in listed
             for end in ("Ch3.ome.jpg", "Ch4.ome.jpg", "Ch6.ome.jpg", "merged.jpg")]  # fmt: skip
    monkeypatch.setattr(Tree, "files", tuple(sorted(names)))
    rows, report = sources.get("bbbc048").table_and_report(tmp_path)
    assert report.findings == []
    assert len(rows) == sources.get("bbbc048").expected_rows == 96_798
    assert len(names) == sources.get("bbbc048").expected_files
    expected = {cell.lower(): CLASSES[number].lower() for cell, number in listed.items()}
    found = rows["field"].str.removeprefix("bbbc048/")
    assert (found.map(expected) == rows["phenotype"]).all()
    assert (rows["phenotype"].value_counts() / 3).to_dict() == {
        "g1": 14_333, "s": 8_616, "g2": 8_601, "prophase": 606, "metaphase": 68, "telophase": 27,
        "anaphase": 15,
    }  # fmt: skip
