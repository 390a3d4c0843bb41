"""Tables of every revision: spelling, packing, encoding, separators, and their faults."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.sources.idr import _kinds, _labels, _plates, _tables
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree

KIND = _kinds.Kind(
    stem="idr0000-screenA-annotation",
    columns={"gene": ("Gene Symbol", "Gene Identifier")},
    pooled={"phenotype": _kinds.PHENOTYPES},
    blank=frozenset({"na"}),
    where="https://example.org/annotation.csv",
)
CSV = "Plate,Well,Gene Symbol,Gene Identifier,Phenotype 1,Phenotype 1 Term Name,Phenotype 2\n"
CSV += "p1,A1,NA,ENSG1,round,x,\np1, b02 ,null,ENSG2,round,x,bright\n"


def _read(tmp_path, *kinds: _kinds.Kind):
    meta = _tables.Metadata(Tree(tmp_path), Report())
    return meta, [meta.read(kind) for kind in kinds]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("idr0000-screenA-annotation.csv", CSV.encode()),
        ("IDR0000-screenA-annotation.CSV", CSV.encode("utf-8-sig")),
        ("deep/down/idr0000-screenA-annotation.csv.gz", gzip.compress(CSV.encode())),
        ("idr0000-screenA-annotation.at-2015-12-10.txt", CSV.replace(",", "\t").encode()),
        ("idr0000-screenA-annotation.txt", CSV.encode()),
        (
            "idr0000-screenA-annotation.csv",
            CSV.replace("Gene Symbol", "gene symbol %%  url=http://x/%s").encode(),
        ),
        (
            "idr0000-screenA-annotation.csv",
            CSV.replace("Plate,Well", "Plate Name,WELL").encode(),
        ),
        (
            "idr0000-screenA-annotation.csv",
            CSV.replace("Plate,Well", "Plate,Plate Row,Plate Column")
            .replace("A1", "1,1")
            .replace(" b02 ", "2,02")
            .encode(),
        ),
    ],
)
def test_one_table_in_every_form(tmp_path, name, content):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _, (table,) = _read(tmp_path, KIND)
    assert table.to_dict("list") == {
        "plate": ["p1", "p1"], "well": ["A01", "B02"], "gene": ["", "null"],
        "phenotype": ["round", "round|bright"],
    }  # fmt: skip


def test_a_table_that_is_not_utf8(tmp_path):
    text = CSV.replace("bright", "0.1µM")
    (tmp_path / "idr0000-screenA-annotation.csv").write_bytes(text.encode("latin-1"))
    _, (table,) = _read(tmp_path, KIND)
    assert table["phenotype"].tolist() == ["round", "round|0.1µM"]


def test_today_counts_before_older_revisions(tmp_path):
    for revision, gene in (("", "new"), (".at-2016-01-01", "old"), (".at-2017-01-01", "newer")):
        lines = f"Plate,Well,Gene Symbol\np1,A1,{gene}\np1,{'ABC'[len(gene) % 3]}9,{gene}\n"
        (tmp_path / f"idr0000-screenA-annotation{revision}.csv").write_text(lines)
    _, (table,) = _read(tmp_path, KIND)
    assert table.set_index("well")["gene"].to_dict() == {"A01": "new", "A09": "new", "C09": "newer"}


def test_what_is_wrong_is_said(tmp_path):
    path = tmp_path / "idr0000-screenA-annotation.csv"
    path.write_text("Plate,Well,Gene Symbol\np1,A1,a\np1,A01,b\np1,A1-A9,c\n")
    meta, (table,) = _read(tmp_path, KIND)
    assert [finding.kind for finding in meta.report.findings] == [
        "unknown well",
        "contradicting lines",
    ]
    assert table["gene"].tolist() == ["a", "c"]
    path.write_text("Name,Gene Symbol\nx,a\n")
    meta, (table,) = _read(tmp_path, KIND)
    assert table is None
    assert "plate and well" in str(meta.report.findings[0])


def test_a_broken_table_stops_the_reading(tmp_path):
    content = gzip.compress(CSV.encode() * 50)
    (tmp_path / "idr0000-screenA-annotation.csv.gz").write_bytes(content[:-20])
    meta, _ = _read(tmp_path, KIND)
    assert "idr0000-screenA-annotation.csv.gz" in meta.report.fatals[0]


def test_later_tables_fill_what_is_empty(tmp_path):
    (tmp_path / "first.csv").write_text("Plate,Well,siRNA,Gene\np,A1,s1,\np,A2,s2,g2\np,A3,,\n")
    (tmp_path / "second.csv").write_text("siRNA,Gene,Phenotype\ns1,g1,x\ns2,other,y\ns9,g9,z\n")
    kinds = (
        _kinds.Kind(stem="first", columns={"sirna": ("siRNA",), "gene": ("Gene",)}),
        _kinds.Kind(stem="second", keys={"sirna": ("siRNA",)}, columns={"gene": ("Gene",)}),
        _kinds.Kind(
            stem="second",
            keys={"sirna": ("siRNA",)},
            pooled={"phenotype": "phenotype"},
            unlisted=True,
        ),
    )
    files = pd.DataFrame({"plate": "p", "well": ["A02", "A01", "A01", "A03", "A04"]}, dtype="str")
    meta = _tables.Metadata(Tree(tmp_path), Report())
    labels = _labels.label(files, meta, kinds)
    assert labels["gene"].tolist() == ["g2", "g1", "g1", "", ""]
    assert labels["phenotype"].tolist() == ["y", "x", "x", "", ""]
    (finding,) = meta.report.findings
    assert (finding.kind, finding.count, finding.examples) == ("not in table", 1, ("p A04",))


def test_missing_tables_are_named_where_labels_stay_empty(tmp_path):
    files = pd.DataFrame({"plate": ["p"], "well": ["A01"]}, dtype="str")
    meta = _tables.Metadata(Tree(tmp_path), Report())
    labels = _labels.label(files, meta, (KIND,))
    assert labels[["gene", "phenotype"]].to_numpy().tolist() == [["", ""]]
    (finding,) = meta.report.findings
    assert finding.kind == "missing table"
    assert KIND.where in finding.message


@given(st.dictionaries(st.from_regex(r"[a-z]{1,3}/[a-z]{1,3}/[a-z]{1,3}", fullmatch=True),
                       st.from_regex(r"P\d{1,3}", fullmatch=True), max_size=8))  # fmt: skip
def test_folders_find_their_own_plate(folders):
    found = _plates.Folders(folders)
    for folder, plate in folders.items():
        assert found.plate(f"Outer/{folder.upper()}/data") == plate
    assert found.plate("0/12/345") == ""


def test_a_part_that_two_plates_share_names_none():
    found = _plates.Folders({"one/x/Meas_01": "A", "two/x/Meas_01": "B", "two/y/Meas_01": "C"})
    assert found.plate("x/Meas_01") == ""
    assert found.plate("disk/y/Meas_01") == "C"
    assert found.plate("z/Meas_01") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1\t/uod/idr/filesets/idr0003-x/1/Images/DTT/p1", {"1/Images/DTT/p1": "P1"}),
        ("/uod/idr/filesets/idr0081-x/a/Za.HTD\tZa", {"a": "Za"}),
        ("/uod/idr/filesets/idr0088-x/a/110/110.wpi", {"a/110": "110"}),
        ("Dataset:name:C/1\t/uod/idr/incoming/idr0021-x/R/C/1/", {"R/C/1": "C/1"}),
        (
            "Project:name:p/Dataset:name:Figure 1B\t/uod/idr/filesets/idr0067-x/d/Figure 1B",
            {"d/Figure 1B": "Figure 1B"},
        ),
        ("24277\t../screens/24277.screen", {"../screens": "24277"}),
        ("", {}),
    ],
)
def test_plates_tsv_in_every_form(tmp_path, text, expected):
    (tmp_path / "idr0000-screenA-plates.tsv").write_text(text + "\n")
    meta = _tables.Metadata(Tree(tmp_path), Report())
    assert _plates.read(meta, "idr0000-screenA-plates") == expected


def test_cells_become_labels():
    values = pd.Series(["Negative Control", "no reagent", "empty well", "", "positive control"])
    assert _labels.controls(values).tolist() == ["negative", "empty", "empty", "", "positive"]
    doses = _labels.numbers(pd.Series(["25 microgram per milliliter", "0.3", "", "x", "1e-3"]))
    assert doses.tolist()[:2] == [25.0, 0.3]
    assert doses.isna().tolist() == [False, False, True, True, False]
    where = pd.Series(["mitochondria-associated ER-membrane, endoplasmic reticulum", "Lysosome"])
    assert _labels.structures(where).tolist() == [
        "mitochondria-associated er-membrane|er",
        "lysosome",
    ]


def test_the_source_is_named_when_a_table_is_broken(tmp_path):
    folder = tmp_path / "p170915PPS073/run/110000251230"
    folder.mkdir(parents=True)
    (folder / "110000251230_B02_T0001F001L01A01Z01C01.tif").touch()
    (tmp_path / "idr0088-screenA-annotation.csv.zip").write_bytes(b"PK\3\4 cut")
    with pytest.raises(errors.SourceLayoutError, match=r"idr0088-screenA-annotation\.csv\.zip"):
        sources.get("idr0088").table(tmp_path)
