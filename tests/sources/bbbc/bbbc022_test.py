from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import _write
from trees import bbbc022 as tree

from cytoimagenet_tfds import errors, images, sources
from cytoimagenet_tfds.sources.bbbc import _lines

TABLE = "BBBC022_v1_image.csv"
REAL_TABLE = ("bbbc022", "CellProfiler+tutorials", "AdvancedSegmentation", "20585_AE.excerpt.csv")
REAL_IMAGE = ("bbbc022", "haesleinhuepf+BioImageAnalysisNotebooks", "data", "BBBC022",
              "IXMtest_A02_s9.tif")  # fmt: skip


def read(root):
    rows, report = sources.get("bbbc022").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_broken_lines_cost_no_well(tmp_path):
    tree.make(tmp_path)
    rows, findings = read(tmp_path)
    bad = next(f for f in findings if f.kind == "bad line")
    assert (bad.count, bad.examples) == (2, ("line 2", "line 4"))
    treated = rows[rows["control"] == ""]
    assert set(treated["compound"]) == {"niflumic acid", "vitexin"}
    assert set(rows.loc[rows["well"] == "A14", "control"]) == {"mock"}
    assert not (rows["compound"] + rows["control"] == "").any()


def test_without_the_table_the_rows_still_come(tmp_path):
    tree.make(tmp_path)
    keys = list(read(tmp_path)[0]["key"])
    (tmp_path / TABLE).unlink()
    rows, findings = read(tmp_path)
    assert list(rows["key"]) == keys
    assert "missing table" in [f.kind for f in findings]
    assert set(rows["compound"]) == {""}


def test_a_table_without_its_columns_stops_the_reading(tmp_path):
    tree.make(tmp_path)
    _write.text(tmp_path, TABLE, "ImageNumber,Other\n1,2\n")
    with pytest.raises(errors.SourceLayoutError, match="Image_Metadata_PlateID"):
        read(tmp_path)


@pytest.mark.parametrize(
    "folder",
    ["BBBC022_v1_images_20585w1", "20585", "99999/x/BBBC022_v1_images_20585w1/20585w1", "20585_w1"],
)
def test_the_plate_comes_from_the_last_folder_that_names_one(tmp_path, folder):
    _write.empty(tmp_path, [f"{folder}/{tree.name('a01', 1, 1)}"])
    rows, _ = read(tmp_path)
    assert list(rows["key"]) == ["bbbc022/20585/A01_s1"]


def test_channels_without_a_separator_before_the_guid(tmp_path):
    """`w164F...` is channel 1 and a GUID that begins with 64F."""
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    first = rows.loc[rows["key"] == "bbbc022/20585/A01_s1", "files"].item().split("|")
    assert [path.split("/")[0][-2:] for path in first] == ["w1", "w2", "w3", "w4", "w5"]


def test_real_lines_of_the_table(tmp_path, shared_data):
    text = shared_data(*REAL_TABLE).read_text()
    _write.text(tmp_path, TABLE, text)
    listed = pd.read_csv(shared_data(*REAL_TABLE), dtype="str", keep_default_na=False)
    codes = {"ER": 2, "Hoechst": 1, "Mito": 5, "Ph_golgi": 4, "Syto": 3}
    paths = [f"BBBC022_v1_images_20585w{code}/{file}" for name, code in codes.items()
             for file in listed[f"Image_FileName_Orig{name}"]]  # fmt: skip
    _write.empty(tmp_path, paths)
    rows, findings = read(tmp_path)
    assert findings == []
    assert len(rows) == len(listed) == 6
    by_field = listed.set_index(
        "bbbc022/20585/" + listed["Image_Metadata_CPD_WELL_POSITION"] + "_s"
        + listed["Image_Metadata_Site"]
    )  # fmt: skip
    for row in rows.itertuples():
        line = by_field.loc[row.key]
        assert row.compound == line["Image_Metadata_SOURCE_COMPOUND_NAME"].lower()
        assert row.control == ("mock" if line["Image_Metadata_ASSAY_WELL_ROLE"] == "mock" else "")
        assert row.batch == line["Image_Metadata_CPD_PLATE_MAP_NAME"]
        assert [path.split("/")[1] for path in row.files.split("|")] == [
            line[f"Image_FileName_Orig{name}"]
            for name in ("Hoechst", "ER", "Syto", "Ph_golgi", "Mito")
        ]
    doses = rows.set_index("key")["concentration"]
    assert doses["bbbc022/20585/A02_s9"] == pytest.approx(2.312793797)
    assert doses.isna().sum() == 2


def test_real_pixels(shared_data):
    image = images.read(shared_data(*REAL_IMAGE))
    assert image.dtype == "uint16"
    assert image.max() <= 2 ** sources.get("bbbc022").bit_depth - 1


def test_lines_of_many_kinds():
    table, bad = _lines.parse(
        'a,"b ",c\r\n'
        "1,2,3\n"
        "\n"
        '"4","5,5",6\r'
        '7,"8,9\n'  # a quote nobody closed
        "10,11,12,\n"  # a comma at the end
        "13,14\n"
        "15,16,17,18\n"
        '"19,20,21"\n'
    )
    assert list(table.columns) == ["a", "b", "c"]
    assert table.to_numpy().tolist() == [
        ["1", "2", "3"], ["4", "5,5", "6"], ["7", "8", "9"], ["10", "11", "12"],
        ["19", "20", "21"],
    ]  # fmt: skip
    assert bad == [7, 8]


cells = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs"), blacklist_characters='",'),
    max_size=6,
)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_good_lines_are_read_as_they_are(lines):
    text = "\n".join(["x,y,z", *(",".join(line) for line in lines)])
    table, bad = _lines.parse(text)
    assert bad == []
    assert table.to_numpy().tolist() == lines
