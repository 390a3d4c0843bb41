from __future__ import annotations

import shutil

import pandas as pd
import pytest
from trees import _write, kag_leukemia

from cytoimagenet_tfds import errors, sources

AUTHOR = ("kag_leukemia", "stan-hua+CytoImageNet", "annotations", "kag_leukemia_metadata.csv.gz")
LISTING = ("kag_leukemia", "sahilawatramani+BloodScan-AI", "_listing_from_lfs_pointers.tsv.gz")
LABELS = ("kag_leukemia", "Karlobyo+leukemic_cell_detective_project", "pics", "test_labels")
IMAGE = (*LABELS[:-1], "C-NMC_Leukemia_testing_data_C-NMC_test_prelim_phase_data_1002.bmp")


@pytest.fixture(scope="module")
def real(tmp_path_factory, shared_data):
    """Every name of the real download; the content of a file is its real checksum."""
    files = pd.read_csv(shared_data(*LISTING), sep="\t", dtype="str")
    files = files[files["path"].str.endswith(".bmp")]
    root = tmp_path_factory.mktemp("kag_leukemia")
    for folder in files["path"].str.rsplit("/", n=1).str[0].unique():
        (root / folder).mkdir(parents=True)
    for path, checksum in zip(files["path"], files["sha256"], strict=True):
        (root / path).write_text(checksum)
    shutil.copy(shared_data(*LABELS), root / kag_leukemia.TABLE)
    return sources.get("kag_leukemia").table_and_report(root)


def test_every_real_name_is_a_row(real):
    rows, report = real
    assert report.findings == []
    counts = rows.groupby(["batch", "phenotype"]).size().to_dict()
    assert counts == {
        ("fold_0", "leukemia"): 2397, ("fold_0", "wildtype"): 1130,
        ("fold_1", "leukemia"): 2418, ("fold_1", "wildtype"): 1163,
        ("fold_2", "leukemia"): 2457, ("fold_2", "wildtype"): 1096,
        ("prelim", "leukemia"): 1219, ("prelim", "wildtype"): 648, ("final", ""): 2586,
    }  # fmt: skip


def test_subjects_that_share_real_files_are_one_group(real):
    rows, _ = real
    groups = rows["group"].str.removeprefix("kag_leukemia:")
    assert sorted(groups[groups.str.contains("+", regex=False)].unique()) == [
        "20+21", "51+75+78", "H10+H3", "H2+H4+H5+H6",
    ]  # fmt: skip
    # 73 + 28 subjects, of which 11 are joined to 4 groups, and the final phase.
    assert groups.nunique() == 101 - 11 + 4 + 1


def test_same_rows_as_the_author(real, shared_data):
    """His table is of one flat folder, in which the final phase replaced the preliminary one."""
    rows, _ = real
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    labels = pd.read_csv(shared_data(*LABELS), dtype="str")
    original = dict(zip(labels["new_names"], labels["Patient_ID"], strict=True))
    phenotype = dict(zip(author["filename"], author["phenotype"], strict=True))
    name = rows["files"].str.rsplit("/", n=1).str[1]

    training = rows["batch"].str.startswith("fold_")
    assert (rows["phenotype"] == name.map(phenotype))[training].all()
    assert training.sum() == 10661

    # 519 preliminary images are there by their original names too, with the same label.
    preliminary = rows["batch"] == "prelim"
    by_original = name.map(original).map(phenotype)
    twice = preliminary & by_original.notna()
    assert twice.sum() == 519
    assert (rows["phenotype"] == by_original)[twice].all()

    # Numbers have the preliminary label up to 1867, whichever image was left; none after that.
    assert (rows["phenotype"] == name.map(phenotype))[preliminary].all()
    final = rows["batch"] == "final"
    his = name.map(phenotype)[final]
    assert (his != "").sum() == preliminary.sum() == 1867
    assert set(rows.loc[final, "phenotype"]) == {""}

    explained = set(name) | set(original.values())
    assert set(author["filename"]) <= explained
    # An early spelling; the images show white blood cells.
    assert set(author["cell_type"]) == {"['red blood cell', 'white blood cell']"}
    assert set(rows["cell_type"]) == {"white blood cell"}
    for column in ("database", "name", "organism", "channels", "microscopy", "dir_name"):
        assert set(author[column]) == set(rows[column]), column


def test_a_real_image_without_the_label_table(tmp_path, shared_data):
    folder = tmp_path / kag_leukemia.PRELIMINARY
    folder.mkdir(parents=True)
    shutil.copy(shared_data(*IMAGE), folder / "1002.bmp")
    rows, report = sources.get("kag_leukemia").table_and_report(tmp_path)
    assert list(rows["phenotype"]) == [""]
    assert list(rows["group"]) == ["kag_leukemia:prelim"]
    assert "missing table" in [finding.kind for finding in report.findings]


def test_the_real_label_table_names_the_real_image(tmp_path, shared_data):
    folder = tmp_path / kag_leukemia.PRELIMINARY
    folder.mkdir(parents=True)
    shutil.copy(shared_data(*IMAGE), folder / "1002.bmp")
    shutil.copy(shared_data(*LABELS), tmp_path / kag_leukemia.TABLE)
    assert list(sources.get("kag_leukemia").table(tmp_path)["phenotype"]) == ["wildtype"]


def test_folders_of_the_original_archive(tmp_path):
    _write.empty(tmp_path, ["C-NMC_training_data/fold_0/hem/UID_H9_1_1_hem.bmp"])
    rows = sources.get("kag_leukemia").table(tmp_path)
    assert list(rows["key"]) == ["kag_leukemia/fold_0/UID_H9_1_1_hem.bmp"]


def test_an_image_the_table_does_not_list_is_reported(tmp_path):
    kag_leukemia.make(tmp_path)
    _write.empty(tmp_path, [f"{kag_leukemia.PRELIMINARY}/99.bmp"])
    rows, report = sources.get("kag_leukemia").table_and_report(tmp_path)
    assert rows.set_index("key").loc["kag_leukemia/prelim/99.bmp", "phenotype"] == ""
    assert [f.examples for f in report.findings if f.kind == "not in table"] == [
        (f"{kag_leukemia.PRELIMINARY}/99.bmp",)
    ]


def test_a_label_table_without_its_columns_stops(tmp_path):
    kag_leukemia.make(tmp_path)
    _write.text(tmp_path, kag_leukemia.TABLE, "a,b\n1,2\n")
    with pytest.raises(errors.SourceLayoutError, match="Patient_ID"):
        sources.get("kag_leukemia").table(tmp_path)
