"""What holds for all thirteen studies, and traps of single ones."""

from __future__ import annotations

import importlib

import pandas as pd
import pytest
from trees import _idr

from cytoimagenet_tfds import sources

NAMES = sources.names("idr")
LICENCES = {
    "idr0003": "CC-BY-NC-SA-3.0", "idr0016": "CC0-1.0", "idr0017": "CC-BY-NC-ND-4.0",
    "idr0080": "CC0-1.0", "idr0088": "CC-BY-NC-4.0",
}  # fmt: skip
BY_FIELD = {
    "idr0003", "idr0009", "idr0016", "idr0017", "idr0037", "idr0080", "idr0081", "idr0088",
    "idr0093",
}  # fmt: skip
LABELS = ["cell_visible", "phenotype", "compound", "sirna", "gene"]


def _made(name: str, root) -> pd.DataFrame:
    importlib.import_module(f"trees.{name}").make(root)
    return sources.get(name).table(root).set_index("key")


def test_thirteen_studies():
    assert len(NAMES) == 13
    assert {name: sources.get(name).licence for name in NAMES} == {
        name: LICENCES.get(name, "CC-BY-4.0") for name in NAMES
    }
    assert {name for name in NAMES if sources.get(name).rows == "field"} == BY_FIELD


@pytest.mark.parametrize("name", NAMES)
def test_declaration_names_doi_and_mirror(name):
    source = sources.get(name)
    assert "doi={10." in source.citation
    assert name == "idr0016" or any(
        download.url.startswith("https://ftp.ebi.ac.uk/pub/databases/IDR/idr")
        for download in source.downloads
    )
    assert source.expected_rows
    assert source.channels


@pytest.mark.parametrize("name", NAMES)
def test_rows_come_without_tables(name, tmp_path):
    table = _made(name, tmp_path)
    for path in tmp_path.rglob("*"):
        if path.suffix in (".csv", ".tsv", ".txt", ".gz", ".zip"):
            path.unlink()
    bare, report = sources.get(name).table_and_report(tmp_path)
    assert set(table.index) <= set(bare["key"])
    notes = [finding for finding in report.findings if finding.kind == "missing table"]
    assert notes
    assert all("https://github.com/IDR/" in finding.message for finding in notes)


def test_copies_give_way_to_the_preferred_one(tmp_path):
    table = _made("idr0067", tmp_path)
    field = table[table["group"] == "idr0067:Figure 2A/2018-05-03_meiosis_01"]
    assert len(field) == 4
    assert (field["excluded"] == "copy").sum() == 2
    for path in tmp_path.rglob("*_zproj.tif"):
        path.unlink()
    without = sources.get("idr0067").table(tmp_path).set_index("key")
    kept = without.loc[without["excluded"] == "", "field"]
    assert "idr0067/Figure 2A/2018-05-03_meiosis_01_R3D_D3D.dv" in set(kept)


def test_a_doubled_field_of_idr0016_is_two_fields(tmp_path):
    folder = "2016-02-19-screens-cellimagelibrary"
    names = [
        f"{folder}/25723-{channel}/cdp2w12_a01_s1_w{wave}"
        f"{digit * 8}-2974-490b-a2de-{digit * 12}.tif"
        for channel, wave in (("ERSyto", 2), ("Hoechst", 1), ("Mito", 5))
        for digit in "6b"
    ]
    _idr.planes(tmp_path, names)
    table, report = sources.get("idr0016").table_and_report(tmp_path)
    assert table["key"].tolist() == ["idr0016/25723/A01_s1", "idr0016/25723/A01_s1_2"]
    assert table["group"].nunique() == 1
    # The first of every channel, then the second, in the order of their names.
    assert [{name[-5] for name in text.split("|")} for text in table["files"]] == [{"6"}, {"b"}]
    assert "doubled field" in {finding.kind for finding in report.findings}


def test_missing_files_of_a_screen_list_are_named(tmp_path):
    _made("idr0016", tmp_path)
    gone = next(tmp_path.rglob("24277-Mito/*a02_s1*"))
    gone.unlink()
    _, report = sources.get("idr0016").table_and_report(tmp_path)
    (finding,) = (finding for finding in report.findings if finding.kind == "missing file")
    assert finding.examples == (f"24277-Mito/{gone.name}",)


def test_foreign_plates_beside_idr0037_are_left_out(tmp_path):
    importlib.import_module("trees.idr0037").make(tmp_path)
    _, report = sources.get("idr0037").table_and_report(tmp_path)
    (finding,) = (finding for finding in report.findings if finding.kind == "unknown plate")
    assert finding.count == 2
    assert "Not of this study" in finding.examples[0]


def test_a_channel_taken_in_both_passes_counts_once(tmp_path):
    stem = "20200901-rsync/01_batch/003/x_A01_T0001F001L01A0"
    _idr.planes(tmp_path, [f"{stem}{a}Z01C0{c}.tif" for a, c in ((1, 1), (2, 1), (2, 2))])
    table, report = sources.get("idr0093").table_and_report(tmp_path)
    assert table["files"].item() == f"{stem}1Z01C01.tif|{stem}2Z01C02.tif"
    assert "duplicate file" in {finding.kind for finding in report.findings}


def test_unlisted_images_of_idr0021_keep_their_first_planes(tmp_path):
    _idr.deltavision(tmp_path, "Raw-files/NEW/x_SIR_PRJ.dv", channels=2)
    table = sources.get("idr0021").table(tmp_path)
    assert table["files"].item().count("|") == 1
    assert table["gene"].item() == ""
