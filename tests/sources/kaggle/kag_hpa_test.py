from __future__ import annotations

import gzip
import shutil

import pandas as pd
import pytest
from trees import _write, kag_hpa

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.sources.kaggle import kag_hpa as module

TABLE = ("kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz")
REAL = ("kag_hpa", "sanch7+Human-Protein-Atlas", "data", "train_sample")
COUNTS = (
    12885, 1254, 3621, 1561, 1858, 2513, 1008, 2822, 53, 45, 28, 1093, 688, 537, 1066, 21, 530, 210,
    902, 1482, 172, 3777, 802, 2965, 322, 8228, 328, 11,
)  # fmt: skip


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("0", "nucleoplasm"),
        ("16 0", "nucleoplasm|cytokinetic bridge"),
        ("3 2", "nucleoli"),
        ("21", "cell membrane"),
        ("27", "rods & rings"),
        ("6 7", "golgi"),
        ("23 12", "actin"),
        ("6 7 2 23 12", "actin"),
        ("6 0", "nucleoplasm"),
        ("", ""),
    ],
)
def test_labels_of_a_field(target, expected):
    assert module.LABELS.visible(target) == expected


def test_numbers_of_the_real_table(shared_data):
    table = pd.read_csv(shared_data(*TABLE), dtype="str")
    cells = table["Target"].map(module.LABELS.numbers)
    found = cells.explode().value_counts().sort_index()
    assert tuple(found) == COUNTS
    assert not table["Target"].map(module.LABELS.is_odd).any()


def test_real_files_and_the_real_table(tmp_path, shared_data):
    shutil.copytree(shared_data(*REAL), tmp_path / "train_sample")
    (tmp_path / "train.csv").write_bytes(gzip.decompress(shared_data(*TABLE).read_bytes()))
    rows, report = sources.get("kag_hpa").table_and_report(tmp_path)
    assert len(rows) == len(list((tmp_path / "train_sample").iterdir()))
    other = rows["cell_visible"][~rows["key"].str.contains("_green")]
    assert set(other) == {"nucleus", "microtubules", "er"}
    green = rows[rows["key"].str.contains("_green")]
    assert (green["cell_visible"] != "").all()
    assert "missing file" in [finding.kind for finding in report.findings]


def test_of_both_sizes_the_png_counts(tmp_path):
    kag_hpa.make(tmp_path)
    _write.image(tmp_path, f"train_full_size/{kag_hpa.ONE}_green.tif", shape=(32, 32))
    rows, report = sources.get("kag_hpa").table_and_report(tmp_path)
    row = rows.set_index("key").loc[f"kag_hpa/{kag_hpa.ONE}_green.png"]
    assert row["files"] == f"train/{kag_hpa.ONE}_green.png"
    assert "duplicate file" in [finding.kind for finding in report.findings]


def test_by_field_four_stains_are_one_row(tmp_path):
    kag_hpa.make(tmp_path)
    rows = sources.get("kag_hpa").table(tmp_path, rows="field").set_index("key")
    assert len(rows) == 4
    row = rows.loc[f"kag_hpa/{kag_hpa.ONE}"]
    assert row["channels"] == "f_microtubules|f_protein|f_nucleus|f_er"
    assert row["cell_visible"] == "microtubules|nucleoplasm|cell body|nucleus|er"
    assert row["group"] == f"hpa:{kag_hpa.ONE}"


def test_the_table_of_2021_is_not_taken_for_that_of_2018(tmp_path):
    kag_hpa.make(tmp_path)
    _write.csv(tmp_path, "train.csv", ["ID", "Label"], [[kag_hpa.ONE, "0|1"]])
    with pytest.raises(errors.SourceLayoutError, match=r"lacks the columns .*Target"):
        sources.get("kag_hpa").table(tmp_path)
