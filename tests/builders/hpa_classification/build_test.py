"""The dataset, built from a simulated download."""

from __future__ import annotations

import hpa_folder
import numpy as np
import pandas as pd
import pytest
from trees import _write

from cytoimagenet_tfds.build import verify
from cytoimagenet_tfds.builders.hpa_classification import configs, ids

pytest.importorskip("iterstrat", reason="needs the extra hpa")
COUNT, UNLABELLED = 40, 3


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    root = tmp_path_factory.mktemp("raw")
    hpa_folder.make(root, COUNT, UNLABELLED)
    rows = [[hpa_folder.uuid(n), "0|16"] for n in range(0, COUNT, 2)]
    _write.csv(root, "kag_hpa_single/train.csv", ["ID", "Label"], rows)
    return root


@pytest.fixture(scope="module")
def built(prepare, raw, tmp_path_factory):
    return prepare("hpa_classification", tmp_path_factory.mktemp("hpa"), manual_dir=raw)


def test_splits_and_folds(built, examples):
    table = pd.read_csv(built.data_path / ids.NAME)
    counts = table["split"].value_counts()
    assert counts.sum() == COUNT + UNLABELLED
    assert counts["unlabelled"] == UNLABELLED
    assert 2 <= counts["test"] <= 6
    assert 2 <= counts["validation"] <= 6
    assert table.loc[table["split"] == "test", "fold"].eq(0).all()
    assert table.loc[table["split"] == "unlabelled", "fold"].eq(-1).all()
    for split in ("train", "test", "unlabelled"):
        found = {e["id"].decode(): int(e["fold"]) for e in examples(built, split)}
        listed = table[table["split"] == split].set_index("id")["fold"].to_dict()
        assert found == listed


def test_pixels_and_labels_are_those_of_the_source(built, examples):
    numbers = {hpa_folder.uuid(n): n for n in range(COUNT + UNLABELLED)}
    for split in built.info.splits:
        for example in examples(built, split):
            number = numbers[example["id"].decode()]
            wanted = hpa_folder.labels(number)
            np.testing.assert_array_equal(example["image"], hpa_folder.image(number, wanted))
            labels = () if split == "unlabelled" else wanted
            assert tuple(example["labels"]) == labels
            assert tuple(np.flatnonzero(example["multi_hot"])) == labels
            assert example["in_hpa_2021"] == (number < COUNT and number % 2 == 0)


def test_the_dataset_fits_its_report(built):
    assert verify.verify(built).problems == {}
    assert built.info.supervised_keys == ("image", "multi_hot")
    names = built.info.features["labels"].feature.names
    assert (names[0], names[27], len(names)) == ("Nucleoplasm", "Rods & rings", 28)


def test_full_size_reads_the_tiff_files(prepare, examples, tmp_path):
    root = tmp_path / "raw"
    hpa_folder.make(root, 12, 0)
    for number in range(12):
        pixels = hpa_folder.image(number, hpa_folder.labels(number), 600)
        name = hpa_folder.uuid(number)
        hpa_folder.write_image(root, "train_full_size", name, pixels, ".tif")
    config = configs.HpaConfig(size="full_size", folds=3)
    builder = prepare("hpa_classification", tmp_path, config=config, manual_dir=root)
    assert builder.info.splits.total_num_examples == 12
    assert examples(builder, "test")[0]["image"].shape == (600, 600, 4)
