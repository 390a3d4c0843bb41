"""Tables that unpack to too much, or are too wide: an error of our own, before memory is taken."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.sources import unpacking
from cytoimagenet_tfds.sources.bbbc import _boxes, _spreadsheet
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree

TABLE = b"a,b\n1,NA\n=cmd(),\n"


def _zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def tree(tmp_path):
    def make(**contents):
        for name, content in contents.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        return Tree(tmp_path)

    return make


def test_packed_tables_are_what_they_hold(tree):
    found = tree(t_csv=TABLE, t_csv_gz=gzip.compress(TABLE), t_csv_zip=_zipped(t=TABLE))
    for name in ("t.csv", "t.csv.gz", "t.csv.zip"):
        assert found.read_table(name).to_dict("list") == {"a": ["1", "=cmd()"], "b": ["NA", ""]}


@pytest.mark.parametrize("name", ["t_csv_gz", "t_csv_zip"])
def test_bombs_end_at_the_bound(tree, monkeypatch, name):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 10_000_000)
    content = TABLE + b"1,2\n" * 5_000_000
    packed = gzip.compress(content) if name.endswith("gz") else _zipped(t=content)
    with pytest.raises(errors.SourceLayoutError, match="unpacks to more than 10,000,000 bytes"):
        tree(**{name: packed}).read_table(name.replace("_", "."))


@pytest.mark.parametrize(
    "content", [b"a," * 1_000_000 + b"b\n1\n", b"a" * 3_000_000, b"\t" * 20_000 + b"\n"]
)
def test_tables_of_a_million_columns(tree, content):
    with pytest.raises(errors.SourceLayoutError, match="columns or more"):
        tree(t_csv=content).read_table("t.csv")


def test_an_encrypted_archive_and_one_of_many(tree):
    encrypted = bytearray(_zipped(t=TABLE))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + at] |= 1
    for content in (bytes(encrypted), _zipped(a=TABLE, b=TABLE)):
        with pytest.raises(errors.SourceLayoutError, match="cannot be read as a table"):
            tree(t_csv_zip=content).read_table("t.csv.zip")


def test_columns_that_lack_are_told_without_all_the_others(tree):
    report = Report()
    wide = b",".join(b"column%d" % number for number in range(5000)) + b"\n"
    assert tree(t_csv=wide).table("t.csv", ["x"], report) is None
    (message,) = report.fatals
    assert len(message) < 3000


def test_json_without_end(tree):
    report = Report()
    _boxes.read(tree(test_json=b"[" * 100_000), {"test": "test.json"}, report)
    assert any("is no JSON file" in text for text in report.fatals)


def test_a_workbook_that_is_a_bomb(tree, monkeypatch):
    monkeypatch.setattr(_spreadsheet, "_MOST_BYTES", 100_000)
    report = Report()
    found = tree(a_xlsx=_zipped(sheet=bytes(200_000)))
    assert _spreadsheet.find(found, "a.xlsx", ["x"], report) is None
    assert "it unpacks to 200,000 bytes" in str(report.findings[0])
