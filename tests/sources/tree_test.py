from __future__ import annotations

import gzip
import os
import zipfile

import pytest
from etils import epath
from trees import _write

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.sources import tree as tree_module
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.tif", False),
        ("__MACOSX/a/._b.tif", True),
        ("__macosx/b.tif", True),
        ("a/._b.tif", True),
        ("a/.DS_Store", True),
        ("a/.htaccess", True),
        ("a/Thumbs.db", True),
        ("a/_b.tif", False),
        ("._a/b.tif", False),
    ],
)
def test_is_debris(path, expected):
    assert tree_module.is_debris(path) is expected


def test_files_are_sorted_and_without_debris(tmp_path):
    _write.empty(tmp_path, ["b/2.tif", "a.csv", "b/10.tif", ".DS_Store", "__MACOSX/b/._2.tif"])
    assert Tree(tmp_path).files == ("a.csv", "b/10.tif", "b/2.tif")


def test_image_files_in_any_letter_case(tmp_path):
    _write.empty(tmp_path, ["a.TIF", "b.Bmp", "c.txt", "d.DIB", "e.tif.md5"])
    assert Tree(tmp_path).image_files() == ["a.TIF", "b.Bmp", "d.DIB"]


def test_the_root_itself_may_be_a_link(tmp_path):
    _write.empty(tmp_path / "disk", ["a.tif"])
    (tmp_path / "bbbc006").symlink_to(tmp_path / "disk")
    assert Tree(tmp_path / "bbbc006").files == ("a.tif",)


def test_links_out_of_the_root_and_to_folders_are_not_followed(tmp_path):
    _write.empty(tmp_path, ["root/a/1.tif", "outside/2.tif"])
    root = tmp_path / "root"
    (root / "out.tif").symlink_to(tmp_path / "outside" / "2.tif")
    (root / "circle").symlink_to(root)
    (root / "broken.tif").symlink_to(tmp_path / "nothing")
    (root / "inside.tif").symlink_to(root / "a" / "1.tif")
    tree = Tree(root)
    assert tree.files == ("a/1.tif", "inside.tif")
    assert sorted(tree.links) == ["broken.tif", "circle", "out.tif"]


def test_links_are_named_where_nothing_else_is_there(tmp_path):
    _write.empty(tmp_path, ["disk/1.tif", "bbbc006/readme.txt"])
    (tmp_path / "bbbc006" / "images").symlink_to(tmp_path / "disk")
    with pytest.raises(errors.SourceLayoutError, match=r"1 link to folders.*images"):
        sources.get("bbbc006").table(tmp_path / "bbbc006")


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_a_name_that_is_no_text_is_left_out_and_kept_in_mind(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.tif")).touch()
    (tmp_path / "ü.tif").touch()
    tree = Tree(tmp_path)
    assert tree.files == ("ü.tif",)
    assert tree.undecodable == ["'\\udcff.tif'"]


def test_a_remote_root_is_listed_the_same_way(tmp_path):
    _write.empty(tmp_path, ["b/c/2.tif", "a.csv"])
    found = tree_module._list_remote(epath.Path(tmp_path))
    assert sorted(found) == ["a.csv", "b/c/2.tif"]


def test_match_gives_named_groups_and_reports_strangers(tmp_path):
    _write.empty(tmp_path, ["x/A01_w1.tif", "x/b02.TIF", "x/mask_A01.tif", "notes.txt", "odd.tif"])
    report = Report()
    pattern = r"(?P<well>[a-p]\d\d)(?:_w(?P<channel>\d))?\.tif$"
    found = Tree(tmp_path).match(pattern, report, ignore="mask_")
    assert found.to_dict("list") == {
        "path": ["x/A01_w1.tif", "x/b02.TIF"], "well": ["A01", "b02"], "channel": ["1", ""],
    }  # fmt: skip
    (finding,) = report.findings
    assert (finding.kind, finding.count, finding.examples) == ("unknown name", 1, ("odd.tif",))
    assert report.fatals == []


def test_match_without_any_fit_is_fatal_and_names_pattern_and_files(tmp_path):
    _write.empty(tmp_path, [f"{n}.tif" for n in range(5)])
    report = Report()
    assert Tree(tmp_path).match(r"(?P<well>[A-P]\d\d)", report).empty
    (fatal,) = report.fatals
    assert r"(?P<well>[A-P]\d\d)" in fatal
    assert "0.tif; 1.tif; 2.tif." in fatal
    assert "3.tif" not in fatal


def test_find_takes_the_fewest_folders_then_the_first(tmp_path):
    _write.empty(tmp_path, ["z/train.csv", "a/b/train.csv", "y/Train.csv", "a/train.csv.md5"])
    assert Tree(tmp_path).find("TRAIN.csv") == "y/Train.csv"
    assert Tree(tmp_path).find("test.csv") is None


def test_table_keeps_text_as_it_is(tmp_path):
    _write.text(tmp_path, "t.csv", "\ufeffgene,count\nNA,007\nnan,\nnull,1e3\n")
    table = Tree(tmp_path).read_table("t.csv")
    assert table.to_dict("list") == {"gene": ["NA", "nan", "null"], "count": ["007", "", "1e3"]}


@pytest.mark.parametrize("suffix", [".gz", ".zip"])
def test_packed_tables_are_found_by_their_plain_name(tmp_path, suffix):
    content = b"Id,Target\na,0 1\n"
    if suffix == ".gz":
        (tmp_path / "train.csv.gz").write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(tmp_path / "train.csv.zip", "w") as archive:
            archive.writestr("train.csv", content)
    table = Tree(tmp_path).table("train.csv", ["Id"], Report())
    assert table.to_dict("list") == {"Id": ["a"], "Target": ["0 1"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("utf16.csv", "a,b\n1,2\n".encode("utf-16")),
        ("ragged.csv", b"a,b\n1,2\n1,2,3,4\n"),
        ("cut.csv.gz", gzip.compress(b"a,b\n" * 1000)[:20]),
        ("text.csv.gz", b"a,b\n1,2\n"),
        ("text.csv.zip", b"a,b\n1,2\n"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, name, content):
    _write.raw(tmp_path, name, content)
    with pytest.raises(errors.SourceLayoutError, match=f"{name} cannot be read as a table"):
        Tree(tmp_path).read_table(name)


def test_a_table_that_is_not_there(tmp_path):
    _write.empty(tmp_path, ["a.tif"])
    report = Report()
    assert Tree(tmp_path).table("train.csv", [], report, needed=False) is None
    assert [finding.kind for finding in report.findings] == ["missing table"]
    assert report.fatals == []
    assert Tree(tmp_path).table("train.csv", [], report) is None
    assert report.fatals == ["The table train.csv is not there. Names that did not fit: a.tif."]


def test_a_table_without_its_columns_names_both_sides(tmp_path):
    _write.csv(tmp_path, "train.csv", ["ID", "Label"], [])
    report = Report()
    assert Tree(tmp_path).table("train.csv", ["Id", "Label"], report) is None
    assert report.fatals == ["train.csv lacks the columns ['Id']; it has ['ID', 'Label']."]
