from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import features, verify
from cytoimagenet_tfds.builders.cytoimagenet import sample_images as sample_data


@pytest.fixture(scope="module")
def read(sample, examples):
    """All examples of both splits: split -> list."""
    return {split: examples(sample, split) for split in ("train", "validation")}


def _texts(read, column):
    return [e[column].decode() for split in read.values() for e in split]


def test_the_splits_are_train_and_validation(sample, read):
    counts = {name: info.num_examples for name, info in sample.info.splits.items()}
    assert counts == {name: len(examples) for name, examples in read.items()}
    assert sorted(counts) == ["train", "validation"]
    assert min(counts.values()) > 20


def test_every_column_of_the_schema_is_there_with_its_doc(sample):
    described = sample.info.features
    assert set(described) == {"image", *schema.names("example")}
    for column in features.example_columns(labelled=True):
        assert described[column.name].doc.desc == column.doc
    assert sample.info.supervised_keys == ("image", "label")


def test_images_are_stretched_grey_images(read):
    for example in read["train"]:
        image = example["image"]
        assert image.dtype == np.uint8
        assert image.shape[2] == 1
        assert min(image.shape[:2]) > 8
        assert np.ptp(image) > 60


def test_classes_are_saved_and_every_one_is_in_both_splits(sample, read):
    names = sample.info.features["label"].names
    assert names == sorted(names)
    assert len(names) >= 8
    for examples in read.values():
        assert {example["label"] for example in examples} == set(range(len(names)))
    assert sample.info.features["category"].names == list(schema.CATEGORIES)
    assert len({e["category"] for e in read["train"]}) >= 4


def test_the_label_stands_in_the_column_its_category_names(sample, read):
    label, category = sample.info.features["label"], sample.info.features["category"]
    for example in read["train"]:
        name = label.int2str(example["label"])
        cell = example[category.int2str(example["category"])].decode()
        assert name in schema.split_tokens(cell)
        assert name in [text.decode() for text in example["labels"]]


def test_cap_and_minimum_hold(read):
    rules = sample_data.curation()
    labels = [e["label"] for split in read.values() for e in split]
    counts = pd.Series(labels).value_counts()
    assert counts.max() <= rules.cap
    assert counts.min() >= rules.min_class


def test_keys_are_unique_and_free_of_machine_paths(read, sample):
    keys = _texts(read, "key")
    assert len(set(keys)) == len(keys)
    home = str(sample_data.root())
    for column in ("key", "files", "path", "filename", "field", "group"):
        assert not any(home in text or text.startswith("/") for text in _texts(read, column))
    assert all(key.startswith("sample_") for key in keys)


def test_groups_are_never_divided(read):
    groups = [{e["group"] for e in split} for split in read.values()]
    assert groups[0].isdisjoint(groups[1])


def test_files_are_numbered_within_their_class(sample, read):
    rows = [(e["label"], e["filename"].decode()) for split in read.values() for e in split]
    names = pd.DataFrame(rows, columns=["label", "filename"])
    for label, members in names.groupby("label"):
        folder = schema.folder_name(sample.info.features["label"].int2str(label))
        expected = {schema.file_name(folder, n, len(members)) for n in range(len(members))}
        assert set(members["filename"]) == expected


def test_crops_and_whole_images_are_told_apart(read):
    kinds = set()
    for split in read.values():
        for e in split:
            crop = bool(e["crop"])
            kinds.add(crop)
            assert crop == bool(re.search(r"[#&]crop=\d$", e["key"].decode()))
            height, width = e["image"].shape[:2]
            assert (e["y_max"] - e["y_min"], e["x_max"] - e["x_min"]) == (height, width)
            if not crop:
                assert (e["scaling"], e["y_min"], e["x_min"]) == (1.0, 0, 0)
    assert kinds == {True, False}


def test_missing_values_survive_tfds_and_a_data_frame(sample, read):
    frame = tfds.as_dataframe(sample.as_dataset(split="train").take(5), sample.info)
    assert set(schema.names("example")) <= set(frame.columns)
    example = read["train"][0]
    assert example["sirna"] == b""
    assert math.isnan(example["concentration"])
    assert frame["concentration"].isna().all()
    assert set(frame["sirna"]) == {b""}
    depths = {int(e["bit_depth"]) for split in read.values() for e in split}
    assert depths <= {-1, *range(1, 65)}


def test_the_report_lies_beside_the_shards_and_in_the_metadata(sample, read):
    text = (sample.data_path / "build_report.txt").read_text()
    written = sum(map(len, read.values()))
    assert f"Images written: {written:,}" in text
    metadata = json.loads((sample.data_path / "metadata.json").read_text())
    assert sum(metadata["written"].values()) == written
    assert metadata["curation"] == sample_data.curation().to_dict()
    assert sorted(metadata["sources"]) == sorted(sample_data.NAMES)


def test_nothing_is_left_of_the_work(sample):
    assert not (sample.data_path.parent.parent / ".work").exists()
    assert not list(sample.data_path.glob("*shard_infos*"))


def test_the_dataset_verifies(sample):
    result = verify.verify(sample)
    assert result.problems == {}
    assert "Everything fits." in result.text()


def test_verify_finds_what_is_not_there(sample, tmp_path):
    copy = tmp_path / "cytoimagenet" / "sample" / "1.0.0"
    shutil.copytree(sample.data_path, copy)
    table = copy / "build_report.parquet"
    rows = pd.read_parquet(table)
    changed = rows.index[rows["written"] > 0][0]
    rows.loc[changed, "written"] += 1
    rows.to_parquet(table)
    result = verify.verify(tfds.builder_from_directory(copy))
    assert result.problems == {"images read and images written differ": [rows.loc[changed, "key"]]}


def _same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_another_worker_count_and_chunk_size_give_the_same_examples(
    read, prepare, examples, tmp_path
):
    other = prepare(
        "cytoimagenet", tmp_path, "--direct_num_workers=1", "--cyto_rows_per_chunk=50",
        config="sample",
    )  # fmt: skip
    for split, first in read.items():
        _same(first, examples(other, split))


_WITHOUT_PACKAGE = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] == 'cytoimagenet_tfds':
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
import tensorflow_datasets as tfds
builder = tfds.builder_from_directory(sys.argv[1])
ds = tfds.load('cytoimagenet/sample', split='train', data_dir=sys.argv[2])
example = next(iter(tfds.as_numpy(ds)))
print(len(ds), example['key'].decode(), builder.info.features['label'].names[example['label']])
"""


def test_a_copy_is_read_without_this_package(sample, read, tmp_path):
    copy = tmp_path / "cytoimagenet" / "sample" / "1.0.0"
    shutil.copytree(sample.data_path, copy)
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PACKAGE, str(copy), str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    first = read["train"][0]
    label = sample.info.features["label"].int2str(first["label"])
    assert done.stdout.strip() == f"{len(read['train'])} {first['key'].decode()} {label}"
