from __future__ import annotations

import numpy as np
import pytest
from trees import _write
from trees import bbbc045 as tree

from cytoimagenet_tfds import files, images, sources
from cytoimagenet_tfds.sources.bbbc import bbbc045

REAL = ("bbbc045", "broadinstitute+imaging-bbbc", "htdocs", "BBBC045", "BBBC045_example1.jpg")


def read(root):
    rows, report = sources.get("bbbc045").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


@pytest.mark.parametrize(
    ("folder", "cell_type"),
    [
        ("B", "b-cell"),
        ("b cells", "b-cell"),
        ("T-cell", "t-cell"),
        ("Neutrophils", "neutrophil"),
        ("eosinophil", "eosinophil"),
        ("MONOCYTE", "monocyte"),
    ],
)
def test_folders_of_cell_types(tmp_path, folder, cell_type):
    _write.empty(tmp_path, [f"Stained_Montages/CRF022/{folder}/batch1/ch1_1.tif"])
    rows, findings = read(tmp_path)
    assert list(rows["cell_type"]) == [f"white blood cell|{cell_type}"]
    assert findings == []


def test_an_unknown_folder_is_told(tmp_path):
    _write.empty(tmp_path, ["CRF022/basophil/batch1/ch1_1.tif"])
    rows, findings = read(tmp_path)
    assert list(rows["cell_type"]) == ["white blood cell"]
    assert [(f.kind, f.examples) for f in findings] == [("unknown cell type", ("basophil",))]


def test_channels_are_never_merged_while_their_meaning_is_open(tmp_path):
    tree.make(tmp_path)
    rows = sources.get("bbbc045").table(tmp_path, rows="field")
    assert len(rows) == tree.ROWS
    assert not rows["files"].str.contains("|", regex=False).any()


def test_cells_of_a_donor_stay_together(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    assert set(rows["group"]) == {"bbbc045:CRF022", "bbbc045:CRF_2015"}


def test_the_cut_holds_whole_cells(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    top, bottom, left, right = files.parse(rows["files"][0]).region
    assert (bottom - top, right - left) == (715, 825)
    assert (bottom - top) % bbbc045.CELL == (right - left) % bbbc045.CELL == 0
    image = images.read(tmp_path / files.parse(rows["files"][0]).path)
    assert image.dtype == "float32"
    assert image.shape == sources.get("bbbc045").image_size
    # The montage is filled from its corner on: what is cut off here is black.
    assert np.count_nonzero(image[top:bottom, left:right]) == np.count_nonzero(image) > 0


def test_a_real_montage_has_the_declared_size(shared_data):
    image = images.read(shared_data(*REAL))
    assert image.shape == sources.get("bbbc045").image_size
    top, bottom, left, right = bbbc045.REGION
    assert images.rejection(image[top:bottom, left:right]) is None
