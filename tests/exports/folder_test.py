"""Exports as folders: what they hold, read back by the plain rules of each format."""

from __future__ import annotations

import ast
import json
import math

import card_data
import pyarrow.parquet as pq
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.exports import fiftyone, folder, huggingface, selection

LABELS = ("actin", "nucleus", "../x/<b>")


@pytest.fixture
def dataset():
    """Three images of each class in train, one in validation; a label no folder may be called."""
    made = card_data.dataset(LABELS, (3, 1))
    made.examples = lambda split: (
        card_data.example(label, n, split, side=4)
        for label in LABELS for n in range({"train": 3, "validation": 1}[split])
    )  # fmt: skip
    return made


def _write(dataset, to, out, **chosen):
    return folder.write(dataset, selection.Selection(**chosen), to, out)


def test_fiftyone(dataset, tmp_path):
    out = tmp_path / "out"
    assert _write(dataset, "fiftyone", out) == {"train": 9, "validation": 3}
    found = json.loads((out / "train" / "labels.json").read_text())["labels"]
    files = {p.relative_to(out / "train/data").as_posix() for p in out.glob("train/data/**/*.png")}
    assert files == {f"{name}.png" for name in found}
    entry = found["x_b/0000006"]
    assert entry["label"] == "../x/<b>"
    assert entry["attributes"]["licence"] == "CC0-1.0"
    assert "concentration" not in entry["attributes"]  # unknown
    ast.parse((out / "load.py").read_text())
    stored = next(iter(dataset.examples("train"))).stored
    assert (out / "train/data/actin/0000000.png").read_bytes() == stored


@pytest.mark.filterwarnings("ignore")  # its own
def test_fiftyone_reads_its_own_format(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("FIFTYONE_DO_NOT_TRACK", "1")
    importers = pytest.importorskip("fiftyone.utils.data.importers", reason="no fiftyone here")
    _write(dataset, "fiftyone", tmp_path / "out")
    reader = importers.FiftyOneImageClassificationDatasetImporter(str(tmp_path / "out/train"))
    with reader:
        labels = [label.label for _, _, label in reader]
    assert sorted(labels) == sorted(LABELS * 3)


def test_images_without_classes_have_all_their_label_values():
    values = {"labels": ["a", "b"], "key": "k", "concentration": math.nan}
    target = fiftyone._target(type("Example", (), {"values": values}))
    assert [one["label"] for one in target] == ["a", "b"]
    assert target[0]["attributes"] == {"labels": ["a", "b"], "key": "k"}


def test_huggingface(dataset, tmp_path):
    out = tmp_path / "out"
    _write(dataset, "huggingface", out)
    assert sorted(path.name for path in (out / "data").iterdir()) == [
        "train-00000-of-00001.parquet", "validation-00000-of-00001.parquet",
    ]  # fmt: skip
    table = pq.read_table(out / "data/train-00000-of-00001.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert set(features) == set(table.column_names)
    rows = table.to_pylist()
    assert [features["label"]["names"][row["label"]] for row in rows] == [
        label for label in LABELS for _ in range(3)
    ]
    stored = [one.stored for one in dataset.examples("train")]
    assert [row["image"]["bytes"] for row in rows] == stored
    assert rows[0]["labels"] == ["actin"]


def test_the_readme_begins_as_hugging_face_asks(dataset, tmp_path):
    _write(dataset, "huggingface", tmp_path / "out")
    _, head, text = (tmp_path / "out/README.md").read_text().split("---\n", 2)
    pairs = dict(line.split(": ") for line in head.splitlines() if ": " in line)
    assert pairs["license"] == "other"
    assert "task_categories:\n- image-classification\n" in head
    assert 'found["train"][0]' in text


@pytest.mark.parametrize("to", sorted(folder.FORMATS))
def test_the_licences_of_what_was_chosen_lie_beside_it(dataset, tmp_path, to):
    _write(dataset, to, tmp_path / "out", split="train", labels=("actin",))
    listed = (tmp_path / "out" / "LICENSES").read_text()
    assert listed.count("images: 1\n") == 3  # of three sources
    assert "licence: CC0-1.0" in listed
    assert "kag_leukemia" not in listed


def test_huggingface_in_several_shards(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface, "_SHARD", 1)
    monkeypatch.setattr(huggingface, "_ROWS", 2)
    _write(dataset, "huggingface", tmp_path / "out", split="train", labels=("actin",))
    files = sorted((tmp_path / "out/data").iterdir())
    assert [file.name for file in files] == [f"train-0000{n}-of-00003.parquet" for n in range(3)]
    assert sum(pq.read_table(file).num_rows for file in files) == 3


@pytest.mark.filterwarnings("ignore")  # its own
def test_huggingface_loads_it(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="no datasets here")
    _write(dataset, "huggingface", tmp_path / "out")
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    label = loaded["train"].features["label"]
    assert [label.int2str(row["label"]) for row in loaded["validation"]] == list(LABELS)
    assert loaded["train"][0]["image"].size == (6, 4)


@pytest.mark.parametrize(
    ("to", "message"),
    [("fiftyon", "Did you mean 'fiftyone'"), ("coco", "Known: fiftyone, huggingface")],
)
def test_unknown_format(dataset, tmp_path, to, message):
    with pytest.raises(errors.ConfigError, match=message):
        _write(dataset, to, tmp_path / "out")


def test_an_export_overwrites_nothing(dataset, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(errors.ConfigError, match="exists"):
        _write(dataset, "fiftyone", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_selection_leaves_nothing(dataset, tmp_path):
    dataset.examples = lambda split: iter(())
    with pytest.raises(errors.ConfigError, match="No image"):
        _write(dataset, "huggingface", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
