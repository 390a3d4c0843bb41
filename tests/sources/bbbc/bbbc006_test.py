from __future__ import annotations

import shutil

import pandas as pd
import pytest
from trees import _write, bbbc006

from cytoimagenet_tfds import sources

AUTHOR = (
    "bbbc006",
    "stan-hua+CytoImageNet",
    "annotations",
    "author_tables",
    "bbbc006_metadata.csv",
)
REAL = ("bbbc006", "google+microscopeimagequality", "tests", "data", "images_for_glob_test")


@pytest.fixture
def table():
    return sources.get("bbbc006").table


def test_same_rows_as_the_author(tmp_path, shared_data, table):
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    _write.empty(tmp_path, "BBBC006_v1_images_z_16/" + author["filename"])
    rows, report = sources.get("bbbc006").table_and_report(tmp_path)
    assert report.findings == []
    rows["filename"] = rows["files"].str.rsplit("/", n=1).str[1]
    both = rows.merge(author, on="filename", how="outer", suffixes=("", "_author"), indicator=True)
    assert len(both) == len(author) == 1536
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "phenotype"):
        assert (both[column] == both[f"{column}_author"]).all(), column
    # 'U-2 OS' is the early spelling of u2os.
    assert set(zip(both["cell_type"], both["cell_type_author"], strict=True)) == {
        ("u2os", "U-2 OS")
    }
    # He wrote nucleus, and both channels, on every file; each file shows one stain.
    assert (both["cell_component"] == "nucleus").all()
    second = both["filename"].str.contains("_w2")
    assert set(both.loc[~second, "cell_visible"]) == {"nucleus"}
    assert set(both.loc[second, "cell_visible"]) == {"actin"}
    assert second.sum() == 768
    # His 'confocal (?)' is a guess; the page describes a widefield screening microscope.
    assert set(both["microscopy"]) == {"fluorescence"}


def test_real_files_with_the_prefix_of_their_plane(tmp_path, shared_data, table):
    for file in sorted(shared_data(*REAL).iterdir()):
        shutil.copy(file, tmp_path)
    rows = table(tmp_path)
    assert list(rows["key"]) == [
        "bbbc006/z_00/a01_s1_w1.tif", "bbbc006/z_00/b01_s2_w1.tif", "bbbc006/z_00/c06_s2_w1.tif",
    ]  # fmt: skip
    assert list(rows["excluded"]) == ["", "", ""]  # the only plane that is there
    assert list(rows["well"]) == ["A01", "B01", "C06"]


def test_without_a_plane_in_folder_or_name_it_is_the_best_focus(tmp_path, table):
    _write.empty(tmp_path, [f"images/{bbbc006._name('a01', 1, 1, 6)}"])
    assert list(table(tmp_path)["key"]) == ["bbbc006/z_16/a01_s1_w1.tif"]


def test_of_two_equally_near_planes_one_is_a_row(tmp_path, table):
    for plane in ("15", "17", "20"):
        name = bbbc006._name("a01", 1, 1, int(plane) % 10)
        _write.empty(tmp_path, [f"BBBC006_v1_images_z_{plane}/{name}"])
    rows = table(tmp_path).set_index("key")
    assert list(rows["excluded"]) == ["", "other focal plane", "other focal plane"]


def test_labels_are_reported_as_left_out(tmp_path):
    bbbc006.make(tmp_path)
    _, report = sources.get("bbbc006").table_and_report(tmp_path)
    assert {f.kind: f.count for f in report.findings} == {"left out": 1, "count": 1}


def test_the_same_archive_twice_is_reported(tmp_path):
    name = bbbc006._name("a01", 1, 1, 6)
    _write.empty(tmp_path, [f"{top}/BBBC006_v1_images_z_16/{name}" for top in ("a", "b")])
    rows, report = sources.get("bbbc006").table_and_report(tmp_path)
    assert list(rows["files"]) == [f"a/BBBC006_v1_images_z_16/{name}"]
    assert [f.kind for f in report.findings] == ["duplicate file", "count"]
