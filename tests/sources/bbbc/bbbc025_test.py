from __future__ import annotations

from trees import _write
from trees import bbbc025 as tree

from cytoimagenet_tfds import sources


def test_the_folder_decides_not_the_digit(tmp_path):
    """Only the digit of Mito is known for certain."""
    guid = tree.GUID
    _write.image(tmp_path, f"38034_ERSytoBleed/cellpaintingfollowup-reimage_a01_s1_w7{guid}.tif")
    rows = sources.get("bbbc025").table(tmp_path)
    assert list(rows["cell_visible"]) == ["nucleoli|rna"]


def test_names_of_folders_in_any_case(tmp_path):
    for folder in ("38034_ersyto.tar.gz", "old/38034_MITO/38034_MITO"):
        _write.image(tmp_path, f"{folder}/cellpaintingfollowup-reimage_A01_s1_w2{tree.GUID}.TIFF")
    rows = sources.get("bbbc025").table(tmp_path)
    assert list(rows["key"]) == ["bbbc025/38034/A01_s1_ERSyto.tif", "bbbc025/38034/A01_s1_Mito.tif"]


def test_every_file_is_a_row_and_by_field_five_are_one(tmp_path):
    tree.make(tmp_path)
    source = sources.get("bbbc025")
    assert len(source.table(tmp_path)) == 20
    fields = source.table(tmp_path, rows="field")
    assert len(fields) == 4
    assert set(fields["missing"]) == {""}
    assert list(fields["files"].str.count(r"\|")) == [4] * 4
