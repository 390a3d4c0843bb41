from __future__ import annotations

import shutil

import pandas as pd
import pytest
from trees import _write, rec_rxrx1

from cytoimagenet_tfds import errors, sources

LATER = ("rec_rxrx1", "darraghdog+recursion", "data")
EARLIER = ("rec_rxrx1", "dylanskinner65+CellularImageClassification", "data")
TABLES = ("train.csv", "train_controls.csv", "test.csv", "test_controls.csv")


def six(root, folder: str, experiment: str, plate: str, well: str) -> None:
    names = (rec_rxrx1.path(experiment, plate, well, 1, channel) for channel in range(1, 7))
    _write.empty(root, (f"{folder}/{name}" for name in names))


@pytest.fixture
def kaggle(tmp_path):
    """The competition's layout: a training and a test well, and controls of both."""
    six(tmp_path, "train", "HEPG2-01", "1", "B03")
    six(tmp_path, "train", "HEPG2-01", "1", "B02")
    six(tmp_path, "train", "HEPG2-01", "1", "C03")
    six(tmp_path, "test", "HEPG2-08", "1", "B03")
    six(tmp_path, "test", "HEPG2-08", "1", "B02")
    return tmp_path


def labels(root, column: str = "sirna") -> dict[str, str]:
    rows = sources.get("rec_rxrx1").table(root)
    return dict(zip(rows["batch"] + " " + rows["well"], rows[column], strict=True))


def test_tables_of_the_competition(kaggle, shared_data):
    for name in TABLES:
        shutil.copy(shared_data(*LATER, name), kaggle)
    assert labels(kaggle) == {
        "HEPG2-01 B02": "", "HEPG2-01 B03": "sirna_id 513", "HEPG2-01 C03": "sirna_id 1109",
        "HEPG2-08 B02": "", "HEPG2-08 B03": "",
    }  # fmt: skip
    assert labels(kaggle, "control") == {
        "HEPG2-01 B02": "negative", "HEPG2-01 B03": "", "HEPG2-01 C03": "positive",
        "HEPG2-08 B02": "negative", "HEPG2-08 B03": "",
    }  # fmt: skip
    assert set(labels(kaggle, "cell_type").values()) == {"hepg2"}
    assert set(labels(kaggle, "excluded").values()) == {""}


def test_tables_of_the_earlier_release(kaggle, shared_data):
    """Its numbers are others: sirna_250 is the siRNA that is 513 later."""
    for name in TABLES:
        shutil.copy(shared_data(*EARLIER, name), kaggle)
    found = labels(kaggle)
    assert found["HEPG2-01 B03"] == "sirna_250"
    assert found["HEPG2-01 C03"] == "sirna_852"
    assert found["HEPG2-01 B02"] == found["HEPG2-08 B02"] == found["HEPG2-08 B03"] == ""


def test_same_keys_in_either_layout(kaggle, tmp_path_factory):
    other = tmp_path_factory.mktemp("site")
    for folder in ("train", "test"):
        shutil.copytree(kaggle / folder, other / "rxrx1" / "images", dirs_exist_ok=True)
    _write.csv(kaggle, "train.csv", ["experiment", "plate", "well", "sirna"], [])
    _write.csv(other, "metadata.csv", rec_rxrx1.HEADER, [])
    source = sources.get("rec_rxrx1")
    assert list(source.table(kaggle)["key"]) == list(source.table(other)["key"])


def test_a_well_that_no_table_lists_is_unlabelled(tmp_path):
    rec_rxrx1.make(tmp_path)
    six(tmp_path, "rxrx1/images", "HUVEC-06", "1", "B18")
    rows, report = sources.get("rec_rxrx1").table_and_report(tmp_path)
    excluded = rows.set_index("key")["excluded"]
    assert excluded["rec_rxrx1/HUVEC-06/Plate1/B18_s1"] == "unlabelled"
    assert (excluded != "").sum() == 1
    assert "not in table" in [finding.kind for finding in report.findings]


def test_an_experiment_of_another_set_is_a_stranger(tmp_path):
    rec_rxrx1.make(tmp_path)
    six(tmp_path, "rxrx1/images", "HUVEC-1", "1", "B02")
    rows, report = sources.get("rec_rxrx1").table_and_report(tmp_path)
    assert len(rows) == rec_rxrx1.ROWS
    assert [f.count for f in report.findings if f.kind == "unknown name"] == [6]


def test_without_any_table_it_stops(kaggle):
    with pytest.raises(errors.SourceLayoutError, match=r"Neither metadata\.csv nor any of train"):
        sources.get("rec_rxrx1").table(kaggle)


def test_real_images_of_one_field(tmp_path, shared_data):
    rec_rxrx1.make(tmp_path)
    real = sorted(shared_data(*EARLIER, "test").glob("*.png"))
    assert len(real) == 6
    for channel, file in enumerate(real, 1):
        path = rec_rxrx1.path("HEPG2-08", "1", "B02", 1, channel)
        shutil.copy(file, tmp_path / "rxrx1" / "images" / path)
    rows = sources.get("rec_rxrx1").table(tmp_path).set_index("key")
    row = rows.loc["rec_rxrx1/HEPG2-08/Plate1/B02_s1"]
    assert row["missing"] == ""
    assert row["files"].count("|") == 5


def test_real_tables_hold_each_well_once(shared_data):
    tables = [pd.read_csv(shared_data(*LATER, name), dtype="str") for name in TABLES]
    wells = pd.concat(tables)["id_code"]
    assert len(wells) == 62755
    assert wells.is_unique
