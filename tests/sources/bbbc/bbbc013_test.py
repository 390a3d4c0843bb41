from __future__ import annotations

import pandas as pd
import pytest
from trees import _write
from trees import bbbc013 as tree

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources import wells
from cytoimagenet_tfds.sources.bbbc import _platemap, bbbc013

AUTHOR = ("bbbc013", "stan-hua+CytoImageNet", "annotations", "author_tables",
          "bbbc013_metadata.csv")  # fmt: skip
NAMES = [f"{n:02d}-{w[0]}-{w[1:]}" for n in range(1, 97) for w in [wells.from_index(n, 12)]]


def read(root):
    rows, report = sources.get("bbbc013").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def full_plate(root):
    _write.empty(root, [tree.path(channel, name) for channel in (1, 2) for name in NAMES])


def test_the_declared_plate(tmp_path):
    full_plate(tmp_path)
    rows, findings = read(tmp_path)
    assert (len(rows), findings) == (192, [])
    counts = rows[rows["channels"] == "f_nucleus"].groupby(["compound", "control"]).size()
    assert counts.to_dict() == {
        ("", "empty"): 8, ("", "negative"): 8, ("ly294002", ""): 36, ("wortmannin", ""): 36,
        ("wortmannin", "positive"): 8,
    }  # fmt: skip
    doses = rows[rows["compound"] == "ly294002"].groupby("concentration").size()
    assert list(doses.index) == pytest.approx([0.31, 0.63, 1.25, 2.5, 5, 10, 20, 40, 80])
    assert set(doses) == {8}


def test_a_map_file_that_agrees_is_silent(tmp_path):
    tree.make(tmp_path)
    assert read(tmp_path)[1] == []


def test_the_conflict_of_e1_to_h1_is_told(tmp_path):
    tree.make(tmp_path)
    _write.text(tmp_path, "BBBC013_v1_platemap_all.txt", tree.plate_map("80"))
    rows, findings = read(tmp_path)
    assert [(f.kind, f.count) for f in findings] == [("plate map", 4)]
    assert findings[0].examples == ("E01 80 against 150", "F01 80 against 150",
                                    "G01 80 against 150")  # fmt: skip
    well = rows[rows["well"] == "E01"]
    assert set(zip(well["compound"], well["concentration"], strict=True)) == {("wortmannin", 150)}
    assert any("E01" in fact for fact in bbbc013.SOURCE.unsure)


def test_a_map_file_of_another_size_is_told(tmp_path):
    tree.make(tmp_path)
    _write.text(tmp_path, "BBBC013_v1_platemap_all.txt", "DESCRIPTION dose\n1\n2\n")
    assert [f.kind for f in read(tmp_path)[1]] == ["plate map"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_numbers_of_a_map_file(end):
    text = end.join(["DESCRIPTION 96 doses", "0", "0.977", '"1e-3"', "-2.5", "", "empty"])
    assert _platemap.numbers(text) == [0.0, 0.977, 0.001, -2.5]


def test_a_name_that_contradicts_itself_is_told(tmp_path):
    _write.image(tmp_path, tree.path(1, "02-A-01"))
    rows, findings = read(tmp_path)
    assert [f.kind for f in findings] == ["contradicting name"]
    assert list(rows["control"]) == ["negative"]  # of A01


def test_same_rows_as_the_author(tmp_path, shared_data):
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    _write.empty(tmp_path, "BBBC013_v1_images_bmp/" + author["filename"])
    rows, findings = read(tmp_path)
    assert findings == []
    rows["filename"] = rows["files"].str.rsplit("/", n=1).str[1]
    both = rows.merge(author, on="filename", how="outer", suffixes=("", "_author"), indicator=True)
    assert len(both) == len(author) == 192
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "microscopy", "phenotype"):
        assert (both[column] == both[f"{column}_author"]).all(), column
    # He wrote nucleus on both channels; channel 1 is the protein that moves.
    is_nucleus = both["filename"].str.startswith("Channel2")
    assert set(both.loc[is_nucleus, "cell_visible"]) == set(both["cell_component"]) == {"nucleus"}
    assert set(both.loc[~is_nucleus, "cell_visible"]) == {""}
