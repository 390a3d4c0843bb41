"""Reading the folders: what is there, what is wrong, what real files hold."""

from __future__ import annotations

import functools
import shutil

import hpa_folder
import numpy as np
import pandas as pd
import pytest
from trees import _write

from cytoimagenet_tfds import errors, files, images
from cytoimagenet_tfds.builders.hpa_classification import fields, folds, pixels, planning
from cytoimagenet_tfds.builders.hpa_classification.rules import Rules

STRICT, LENIENT = Rules(), Rules(problems="leave_out")
# Images of each structure in the competition's train.csv, as published.
COUNTS = (
    12885, 1254, 3621, 1561, 1858, 2513, 1008, 2822, 53, 45, 28, 1093, 688, 537, 1066, 21, 530, 210,
    902, 1482, 172, 3777, 802, 2965, 322, 8228, 328, 11,
)  # fmt: skip


def table_of(root, rules):
    source, reader = fields.competition(rules)
    table, report = source.table_and_report(root / "kag_hpa")
    return table, reader, report


def test_one_row_per_image_with_its_colours_in_order(tmp_path):
    hpa_folder.make(tmp_path, 6, 2)
    table, reader, _ = table_of(tmp_path, STRICT)
    assert len(table) == 8
    for text in table["files"]:
        colours = [r.path.rpartition("_")[2].removesuffix(".png") for r in files.split(text)]
        assert tuple(colours) == hpa_folder.COLOURS == pixels.COLOURS
    wanted = {hpa_folder.uuid(n): " ".join(map(str, hpa_folder.labels(n))) for n in range(6)}
    wanted |= {hpa_folder.uuid(n): fields.UNLABELLED for n in (6, 7)}
    assert reader.structures == wanted


def spoil(root):
    """One of every kind of problem; returns the ids."""
    hpa_folder.make(root, 8, 2)
    colour, unlisted, outside, empty, size = (hpa_folder.uuid(n) for n in range(5))
    (root / f"kag_hpa/train/{colour}_yellow.png").unlink()
    rows = [[hpa_folder.uuid(n), "0 2"] for n in range(5, 8)]
    rows += [[colour, "0"], [outside, "28 3"], [empty, ""], [size, "25"]]
    _write.csv(root, "kag_hpa/train.csv", ["Id", "Target"], rows)
    _write.image(root, f"kag_hpa/train/{size}_blue.png", shape=(20, 32))
    return colour, unlisted, outside, empty, size


def test_everything_wrong_is_told_at_once_with_ids(tmp_path):
    colour, unlisted, outside, empty, size = spoil(tmp_path)
    with pytest.raises(errors.SourceLayoutError) as caught:
        table_of(tmp_path, STRICT)
    text = str(caught.value)
    assert f"1 image has a missing colour: {colour} (no yellow)" in text
    assert f"1 image has a label outside 0 to 27: {outside} (28 3)" in text
    assert f"2 images have no labels: {'; '.join(sorted([unlisted, empty]))}" in text
    assert f"{size} (blue 20 x 32, green 32 x 32, red 32 x 32, yellow 32 x 32)" in text


def test_what_is_wrong_can_be_left_out(tmp_path):
    wrong = spoil(tmp_path)
    table, _, report = table_of(tmp_path, LENIENT)
    left_out = table.loc[table["excluded"] != "", "field"]
    assert sorted(left_out) == sorted(f"kag_hpa/{name}" for name in wrong)
    assert sum(finding.kind == "unusable" for finding in report.findings) == 4


def test_without_the_list_of_test_images_the_folder_tells(tmp_path):
    hpa_folder.make(tmp_path, 4, 2)
    (tmp_path / "kag_hpa/sample_submission.csv").unlink()
    _, reader, _ = table_of(tmp_path, STRICT)
    assert list(reader.structures.values()).count(fields.UNLABELLED) == 2


def test_the_wanted_size_must_be_there(tmp_path):
    hpa_folder.make(tmp_path, 4, 0)
    with pytest.raises(errors.SourceLayoutError, match=r"no \.tif files, which full_size needs"):
        table_of(tmp_path, Rules(size="full_size"))


def test_release_18_in_both_layouts(tmp_path):
    for name in ("10580_1610_C1_1", "10580/1756_B1_1"):
        for colour in hpa_folder.COLOURS:
            _write.image(tmp_path, f"images/{name}_{colour}.jpg", shape=(16, 16, 3))
    rows = [["10580_1610_C1_1", "13 25 0"], ["10580_1756_B1_1", "2"], ["1_2_A1_1", "0"]]
    _write.csv(tmp_path, "HPAv18RBGY_wodpl.csv", ["Id", "Target"], rows)
    source, reader = fields.release_18(STRICT)
    table, _ = source.table_and_report(tmp_path)
    assert table["key"].tolist() == ["hpa_v18/10580_1610_C1_1", "hpa_v18/10580_1756_B1_1"]
    assert reader.structures == {"10580_1610_C1_1": "0 13 25", "10580_1756_B1_1": "2"}


def test_every_id_of_the_real_list_of_release_18_is_a_file_name(shared_data):
    path = shared_data(
        "kag_hpa", "CellProfiling+HPA-competition-solutions", "ntu_mira", "src",
        "HPAv18RBGY_wodpl.csv.gz",
    )  # fmt: skip
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    assert len(table) == 74606
    names = (table["Id"] + "_green.jpg").str.extract(f"(?i){fields.EXTERNAL_FILE}")
    parts = (names["antibody"], names["plate"], names["well"], names["site"])
    assert (table["Id"] == functools.reduce(lambda a, b: a + "_" + b, parts)).all()
    assert not table["Target"].map(fields.LABELS.is_odd).any()


def test_real_images_of_one_colour_are_read_and_told_incomplete(shared_data, tmp_path):
    real = shared_data("kag_hpa", "sanch7+Human-Protein-Atlas", "data", "train_sample")
    listed = shared_data(
        "kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz"
    )
    shutil.copytree(real, tmp_path / "kag_hpa" / "train")
    shutil.copy(listed, tmp_path / "kag_hpa" / "train.csv.gz")
    table, reader, report = table_of(tmp_path, LENIENT)
    count = len(list(real.glob("*.png")))
    assert len(table) == len(reader.structures) == count > 0
    assert set(table["excluded"]) == {"unusable"}
    assert any(f"{count} images have a missing colour" in f.message for f in report.findings)
    for reference in table["files"]:
        image = images.read(tmp_path / "kag_hpa" / reference)
        assert image.shape == (512, 512)
        assert image.dtype == np.uint8


@pytest.fixture(scope="module")
def real_targets(shared_data):
    path = shared_data(
        "kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz"
    )
    table = pd.read_csv(path)
    return table["Id"].tolist(), planning.targets(map(fields.numbers, table["Target"]))


def test_the_real_table_has_the_published_counts(real_targets):
    _, targets = real_targets
    assert targets.shape == (31072, 28)
    assert tuple(targets.sum(axis=0)) == COUNTS
    assert ((targets[:, 0] | targets[:, 25]).mean() * 100).round(1) == 56.3


def test_folds_of_the_real_table(real_targets):
    pytest.importorskip("iterstrat", reason="needs the extra hpa")
    names, targets = real_targets
    places = folds.assign(targets, names, 10, 0)
    assert folds.largest_gap(targets, places) < 0.01
    per_fold = np.array([targets[places == fold].sum(axis=0) for fold in range(10)])
    assert per_fold.min(axis=0)[np.array(COUNTS) >= 10].min() >= 1
