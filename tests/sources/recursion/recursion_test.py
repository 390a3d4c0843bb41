"""The shared reader of the RxRx datasets: names, joins, controls, vocabularies at full length."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from trees import _recursion as sites
from trees import rec_rxrx2, rec_rxrx19a

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources import report as report_module
from cytoimagenet_tfds.sources import tree as tree_module
from cytoimagenet_tfds.sources.recursion import _recursion

WELLS = [f"{row}{column:02d}" for row in [*"BCDEFGH", "AA", "AF"] for column in range(2, 48)]


def findings(name, root):
    _, report = sources.get(name).table_and_report(root)
    return {finding.kind: finding for finding in report.findings}


@pytest.fixture
def vocabulary(shared_data):
    """Returns treatment -> images of one set; 0 for the two whose count is not known."""

    def read(name: str) -> dict[str, int]:
        path = shared_data("..", "sources", "vocabularies", f"{name}_treatments.tsv")
        table = pd.read_csv(path, sep="\t", dtype={"name": "str"}, keep_default_na=False)
        return dict(zip(table["name"], pd.to_numeric(table["images"]).fillna(0), strict=True))

    return read


def expanded(counts: dict[str, int]) -> pd.DataFrame:
    """Returns a metadata table with as many sites of each treatment as counted."""
    names = [name for name, count in counts.items() for _ in range(count)]
    places = itertools.product(("HUVEC-1", "HUVEC-2"), range(1, 200), WELLS, range(1, 5))
    table = pd.DataFrame(
        [place for place, _ in zip(places, names, strict=False)], columns=list(_recursion.PLACE)
    )
    return table.assign(cell_type="HUVEC", treatment=names, treatment_conc="0.1")


def test_full_length_table_gives_every_count(vocabulary, tmp_path, monkeypatch):
    counts = vocabulary("rec_rxrx2")
    table = expanded(counts)
    table.to_csv(tmp_path / "metadata.csv", index=False)
    place = "images/" + table["experiment"] + "/Plate" + table["plate"].astype(str) + "/"
    names = place + table["well"] + "_s" + table["site"].astype(str) + "_w1.png"
    monkeypatch.setattr(tree_module.Tree, "files", tuple(sorted([*names, "metadata.csv"])))
    rows, report = sources.get("rec_rxrx2").table_and_report(tmp_path)
    found = rows["compound"].value_counts().to_dict()
    expected = {name.lower(): count for name, count in counts.items()}
    assert len(rows) == 131953 == sources.get("rec_rxrx2").expected_rows
    assert found.pop("") == expected.pop("empty") == (rows["control"] == "empty").sum() == 7579
    assert found == expected
    assert len(found) == 433
    assert [finding.kind for finding in report.findings] == ["missing channel"]


def test_names_of_one_compound_are_one_label(vocabulary):
    counts = vocabulary("rec_rxrx19a")
    lines = pd.DataFrame({"treatment": list(counts), "treatment_conc": "1", "excluded": ""})
    lines["images"] = list(counts.values())
    facts = _recursion.treatment_facts(lines, untreated="untreated", unit="um")
    images = facts.groupby("compound")["images"].sum()
    assert images["clarithromycin"] == 2 * 144  # a class only because both spellings count
    assert images["3,3,5-trimethylcyclohexyl salicylate"] == 144
    assert images.sum() == sum(counts.values())
    assert len(images) < len(counts)


def test_every_oddity_is_found_and_named(tmp_path):
    rec_rxrx2.make(tmp_path)
    found = findings("rec_rxrx2", tmp_path)
    assert set(found) == {
        "unknown name", "not in table", "missing file", "missing channel", "count",
    }  # fmt: skip
    assert found["unknown name"].examples == ("rxrx2/images/HUVEC-01/Plate1/B02_s1_w1.png",)
    assert found["not in table"].count == 6
    assert found["missing file"].examples == ("HUVEC-2 1 C05 1",)
    assert found["missing channel"].examples == ("HUVEC-2/Plate12/AF47_s3",)


def test_padded_experiments_are_other_experiments(tmp_path):
    """HUVEC-01 is of RxRx1: its images must never get a line of HUVEC-1."""
    rec_rxrx2.make(tmp_path)
    table = sources.get("rec_rxrx2").table(tmp_path)
    assert set(table["batch"]) == {"HUVEC-1", "HUVEC-2"}


def test_a_sixth_channel_of_rxrx19a_is_left_out(tmp_path):
    rec_rxrx19a.make(tmp_path)
    expected = sources.get("rec_rxrx19a").table(tmp_path)
    [extra] = sites.image_paths("RxRx19a/images", "HRCE-1_1_AA02_2", [6])
    (tmp_path / extra).write_bytes(b"")
    table, report = sources.get("rec_rxrx19a").table_and_report(tmp_path)
    pd.testing.assert_frame_equal(table, expected)
    assert "unknown channel" in {finding.kind for finding in report.findings}


def test_only_wells_of_the_table_have_a_control_role():
    lines = pd.DataFrame({
        "treatment": ["EMPTY", "", "PTx", ""], "treatment_conc": ["", "", "0.5", "2"],
        "excluded": ["", "", "", "unlabelled"],
    })  # fmt: skip
    facts = _recursion.treatment_facts(lines, untreated="empty", unit="mg/ml")
    assert facts["compound"].tolist() == ["", "", "ptx", ""]
    assert facts["control"].tolist() == ["empty", "empty", "", ""]
    assert facts["concentration_unit"].tolist() == ["", "", "mg/ml", ""]
    assert facts["concentration"].dropna().tolist() == [0.5]


def test_a_bar_in_a_name_does_not_divide_it():
    lines = pd.DataFrame({"treatment": ["A|B"], "treatment_conc": "1", "excluded": ""})
    facts = _recursion.treatment_facts(lines, untreated="empty", unit="um")
    assert facts["compound"].tolist() == ["a/b"]


def test_a_table_with_one_line_per_well_reaches_all_its_sites():
    files = pd.DataFrame(
        [("p1", "HUVEC-01", "1", "B02", "1"), ("p2", "HUVEC-01", "1", "B02", "2"),
         ("p3", "HUVEC-01", "1", "B03", "1")],
        columns=["path", *_recursion.PLACE],
    )  # fmt: skip
    wells = pd.DataFrame(
        [("huvec-01", "1", "b02", "s21721"), ("HUVEC-01", "1", "C02", "s1")],
        columns=[*_recursion.PLACE[:3], "sirna"],
    )
    report = report_module.Report()
    lines = _recursion.with_table(
        files, wells, report, facts=("sirna",), on=_recursion.PLACE[:3], what="train.csv"
    )
    assert lines["sirna"].tolist() == ["s21721", "s21721", ""]
    assert lines["excluded"].tolist() == ["", "", "unlabelled"]
    assert [finding.kind for finding in report.findings] == ["not in table", "missing file"]
    assert all("train.csv" in finding.message for finding in report.findings)


@pytest.mark.parametrize("name", ["rec_rxrx2", "rec_rxrx19a", "rec_rxrx19b"])
def test_files_without_their_table_are_no_dataset(name, tmp_path):
    [path] = sites.image_paths("images", "HUVEC-1_1_B02_1", [1])
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(b"")
    with pytest.raises(ValueError, match=r"metadata\.csv is not there"):
        sources.get(name).table(tmp_path)
    (tmp_path / "metadata.csv").write_text("experiment,plate,well,site,cell_type\n")
    with pytest.raises(ValueError, match=r"lacks the columns .*'treatment'"):
        sources.get(name).table(tmp_path)
