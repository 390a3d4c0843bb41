from __future__ import annotations

import shutil

import pytest
from trees import _write

from cytoimagenet_tfds import errors, files, images, sources

REAL = ("bbbc011", "CellProfiler+examples", "ExampleUntangleWormsBrightField", "images")


def table(root):
    return sources.get("bbbc011").table(root)


@pytest.mark.parametrize(
    ("file", "phenotype"),
    [
        ("L4440_rep1/a.png", "wildtype"),
        ("l4440_rep2/a.PNG", "wildtype"),
        ("x/BBBC011_v1_images/daf-2_rep1/a.tif", "fat"),
        ("daf2/deeper/a.png", "fat"),
        ("L4440 and daf-2/daf-2_rep1/a.png", "fat"),
    ],
)
def test_the_folder_gives_the_label(tmp_path, file, phenotype):
    _write.image(tmp_path, file)
    assert list(table(tmp_path)["phenotype"]) == [phenotype]


def test_images_of_a_well_stay_together(tmp_path):
    for site in (1, 2):
        _write.image(tmp_path, f"daf-2_rep1/plate_B07_{site}.png")
    _write.image(tmp_path, "L4440_rep1/plate_B07_1.png")
    rows = table(tmp_path)
    assert list(rows["well"]) == ["B07"] * 3
    assert sorted(rows["group"].value_counts()) == [1, 2]


def test_other_folders_fail_with_what_is_unsure(tmp_path):
    _write.image(tmp_path, "fat/worm.png")
    with pytest.raises(errors.SourceLayoutError, match="Never confirmed") as caught:
        table(tmp_path)
    assert "fat/worm.png" in str(caught.value)
    assert "names of the files inside" in str(caught.value)


def test_real_images_of_the_assay(tmp_path, shared_data):
    for name, folder in (("WT_orig.png", "L4440_rep1"), ("fat_orig.png", "daf-2_rep1")):
        (tmp_path / folder).mkdir()
        shutil.copy(shared_data(*REAL, name), tmp_path / folder)
    rows = table(tmp_path)
    assert dict(zip(rows["key"], rows["gene"], strict=True)) == {
        "bbbc011/L4440_rep1/WT_orig.png": "",
        "bbbc011/daf-2_rep1/fat_orig.png": "daf-2 targeted",
    }
    for text in rows["files"]:
        image = images.read(tmp_path / files.parse(text).path)
        assert image.shape == (*sources.get("bbbc011").image_size, 3)
        assert images.rejection(images.to_grey(image)) is None
