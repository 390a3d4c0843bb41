from __future__ import annotations

import shutil

import numpy as np
import pytest
from trees import _workbook, _write
from trees import bbbc017 as tree

from cytoimagenet_tfds import files, images, sources
from cytoimagenet_tfds.sources import wells

SHEET = "BBBC017_v1_metadata.xls"
REAL_SHEET = ("bbbc017", "stan-hua+CytoImageNet", "annotations", "bbbc_colon_metadata.xls")
REAL_IMAGES = ("bbbc017", "CellProfiler+examples", "ExampleHuman", "images")


def read(root):
    rows, report = sources.get("bbbc017").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def genes_of(root):
    rows, _ = read(root)
    return dict(zip(rows["plate"] + rows["well"], rows["gene"], strict=True))


def test_plate_15_of_the_sheet_is_plate_014(tmp_path):
    tree.make(tmp_path)
    genes = genes_of(tmp_path)
    assert genes["NIRHTa+014A01"] == "mapkapk2 targeted"
    assert "never targeted" not in genes.values()


def test_both_replicates_have_the_genes_of_their_plate(tmp_path):
    tree.make(tmp_path)
    genes = genes_of(tmp_path)
    assert genes["NIRHTa+001A01"] == genes["NIRHTa-001A01"] == "gabra3 targeted"


def test_without_the_sheet_the_rows_still_come(tmp_path):
    tree.make(tmp_path)
    with_sheet, _ = read(tmp_path)
    (tmp_path / SHEET).unlink()
    rows, findings = read(tmp_path)
    assert [f.kind for f in findings] == ["missing table"]
    assert SHEET in findings[0].message
    assert list(rows["key"]) == list(with_sheet["key"])
    assert set(rows["gene"]) == set(rows["control"]) == {""}


@pytest.mark.parametrize("content", [b"", b"<html>moved</html>", b"PK\3\4", b"\xd0\xcf\x11\xe0"])
def test_a_broken_sheet_is_as_none(tmp_path, content):
    tree.make(tmp_path)
    _write.raw(tmp_path, SHEET, content)
    rows, findings = read(tmp_path)
    assert len(rows) == tree.ROWS
    assert [f.kind for f in findings] == ["missing table"]
    assert SHEET in findings[0].examples[0]


def test_a_sheet_under_another_name_and_after_another_workbook(tmp_path):
    tree.make(tmp_path)
    (tmp_path / SHEET).rename(tmp_path / "my table.XLS")
    _write.raw(tmp_path, "a.xls", _workbook.workbook(("well", "dose"), [("A01", 1.5)]))
    assert genes_of(tmp_path)["NIRHTa+001A01"] == "gabra3 targeted"


def test_a_workbook_of_today(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    tree.make(tmp_path)
    book = openpyxl.Workbook()
    book.active.append(tree.HEADER)
    for number, gene in enumerate(tree.GENES, 1):
        book.active.append([number, *gene])
    (tmp_path / SHEET).unlink()
    book.save(tmp_path / "BBBC017_v1_metadata.xlsx")
    book.close()
    assert genes_of(tmp_path)["NIRHTa+014A01"] == "mapkapk2 targeted"


@pytest.mark.parametrize(
    "folder",
    ["NIRHTa+001", "x/NIRHTa%2B001", "BBBC017_v1_images_NIRHTa+001/NIRHTa+001", "nirhta+001"],
)
def test_the_plus_of_a_folder(tmp_path, folder):
    _write.empty(tmp_path, [f"{folder}/AS_09125_050116000001_a01f00d{c}.dib" for c in range(3)])
    rows, _ = read(tmp_path)
    assert list(rows["key"]) == ["bbbc017/NIRHTa+001/AS_09125_050116000001_A01f00"]
    assert list(rows["plate"]) == ["NIRHTa+001"]


def test_a_missing_channel_is_named(tmp_path):
    tree.make(tmp_path)
    (tmp_path / tree.path("NIRHTa-001", "A01", 5, 1)).unlink()
    rows, findings = read(tmp_path)
    assert [(f.kind, f.count) for f in findings] == [("missing channel", 1)]
    assert list(rows.loc[rows["missing"] != "", "missing"]) == ["f_mitosis"]


def test_pixels_of_a_dib(tmp_path):
    tree.make(tmp_path)
    name = tree.path("NIRHTa+001", "A01", 0, 2)
    expected = _write.pixels(name, dtype="uint16", high=4095)
    np.testing.assert_array_equal(images.read(tmp_path / name), expected)


def test_the_real_sheet_at_full_length(tmp_path, shared_data):
    """14 plates of 384 wells against the sheet, cell by cell."""
    xlrd = pytest.importorskip("xlrd")
    sheet = xlrd.open_workbook(shared_data(*REAL_SHEET)).sheet_by_index(0)
    header = sheet.row_values(0)
    number, well, gene = (header.index(c) for c in ("384-Plate#", "384-well", "gene name"))
    lines = [sheet.row_values(row) for row in range(1, sheet.nrows)]
    expected = {(int(line[number]), line[well]): line[gene] for line in lines}
    assert len(expected) == 5760

    shutil.copy(shared_data(*REAL_SHEET), tmp_path)
    names = [wells.from_index(index, 24) for index in range(1, 385)]
    _write.empty(tmp_path, [f"NIRHTa+{plate:03d}/AS_09125_05011600000{plate:02d}_{name}f00d0.DIB"
                            for plate in range(1, 15) for name in names])  # fmt: skip
    rows, findings = read(tmp_path)
    assert [f.kind for f in findings] == ["missing channel"]
    assert len(rows) == 14 * 384
    for row in rows.itertuples():
        plate = int(row.plate[-3:])
        there = expected[(15 if plate == 14 else plate, row.well)].lower()
        if there in ("empty", "shluc", "shlamin", "pgk-gfp"):
            assert (row.gene, row.control) == ("", there)
        else:
            assert (row.gene, row.control) == ("" if there == "unk" else f"{there} targeted", "")
    # Plate 14 of the sheet holds 23 of its 329 empty wells and 32 of the 224 of each control.
    assert rows["control"].value_counts().to_dict() == {
        "": 4494, "empty": 306, "pgk-gfp": 192, "shlamin": 192, "shluc": 192,
    }  # fmt: skip


def test_real_images_of_the_screen(tmp_path, shared_data):
    folder = tmp_path / "NIRHTa+003"
    folder.mkdir()
    for file in sorted(shared_data(*REAL_IMAGES).iterdir()):
        shutil.copy(file, folder)
    rows, _ = read(tmp_path)
    assert list(rows["key"]) == ["bbbc017/NIRHTa+003/AS_09125_050116030001_D03f00"]
    assert list(rows["missing"]) == [""]
    channels = [images.read(tmp_path / ref.path) for ref in files.split(rows["files"][0])]
    assert {image.shape for image in channels} == {sources.get("bbbc017").image_size}
    assert images.rejection(images.merge(channels)) is None


def test_lines_without_a_well_are_told(tmp_path):
    tree.make(tmp_path)
    rows = [(n, *g) for n, g in enumerate(tree.GENES, 1)]
    rows += [(9, 1, "n/a", "", "OTHER", ""), (10, "", "A01", "", "OTHER", "")]
    _write.raw(tmp_path, SHEET, _workbook.workbook(tree.HEADER, rows))
    _, findings = read(tmp_path)
    assert [(f.kind, f.count) for f in findings] == [("bad line", 2)]
    assert genes_of(tmp_path)["NIRHTa+001A01"] == "gabra3 targeted"


def test_a_sheet_that_contradicts_itself_is_told(tmp_path):
    tree.make(tmp_path)
    again = [(9, 1, "A01", "", "OTHER", "")]
    rows = [(n, *g) for n, g in enumerate(tree.GENES, 1)]
    _write.raw(tmp_path, SHEET, _workbook.workbook(tree.HEADER, rows + again))
    table, findings = read(tmp_path)
    assert [f.kind for f in findings] == ["contradicting lines"]
    assert len(table) == tree.ROWS
    assert genes_of(tmp_path)["NIRHTa+001A01"] == "gabra3 targeted"
