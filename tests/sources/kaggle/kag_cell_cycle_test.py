from __future__ import annotations

import shutil

import pandas as pd
from trees import _write

from cytoimagenet_tfds import sources

AUTHOR = ("kag_cell_cycle", "stan-hua+CytoImageNet", "annotations", "kag_cell_cycle_metadata.csv")
REAL = ("kag_cell_cycle", "brenoslivio+SegmentationCellCycles", "Data")


def test_same_rows_as_the_author(tmp_path, shared_data):
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    folder = author["path"].str.removeprefix("/ferrero/stan_data/kag_cell_cycle/")
    _write.empty(tmp_path, folder + "/" + author["filename"])
    rows, report = sources.get("kag_cell_cycle").table_and_report(tmp_path)
    assert report.findings == []
    rows["path"] = rows["files"]
    author["path"] = folder + "/" + author["filename"]
    both = rows.merge(author, on="path", how="outer", suffixes=("", "_author"), indicator=True)
    assert len(both) == len(author) == 90
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "cell_type", "phenotype"):
        assert (both[column] == both[f"{column}_author"]).all(), column
    assert (both["cell_visible"] == both["cell_component"]).all()
    # His 'light' is transmitted light: brightfield in the words of the other sources.
    assert set(both["microscopy_author"]) == set(both["channels_author"]) == {"light"}
    assert set(both["microscopy"]) == set(both["channels"]) == {"brightfield"}


def test_real_files_in_a_repository_s_own_folders(tmp_path, shared_data):
    shutil.copytree(shared_data(*REAL), tmp_path / "Data")
    rows = sources.get("kag_cell_cycle").table(tmp_path)
    assert rows["phenotype"].value_counts().to_dict() == {"interphase": 57, "mitosis": 33}
    both = rows.groupby("group")["phenotype"].nunique()
    assert "kag_cell_cycle:IMG_1681" in both[both == 2].index


def test_the_jurkat_part_is_no_stranger(tmp_path):
    _write.empty(tmp_path, [
        "nematode cells/nematode cells/mitosis/IMG_1715-7.jpg",
        "jurkat cells (merged only)/jurkat cells (merged only)/Anaphase/4_merged.jpg",
    ])  # fmt: skip
    rows, report = sources.get("kag_cell_cycle").table_and_report(tmp_path)
    assert len(rows) == 1
    assert [f.kind for f in report.findings] == ["count"]
