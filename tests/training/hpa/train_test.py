"""From a simulated download to a trained model, by the command."""

from __future__ import annotations

import json

import hpa_folder
import pandas as pd
import pytest
from PIL import Image

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.sources.kaggle import kag_hpa

pytest.importorskip("iterstrat", reason="needs the extra hpa")
pytest.importorskip("matplotlib", reason="needs the extra viz")

COUNT = 200
SETTINGS = (
    "model=small", "weights=", "image_size=32", "precision=float32", "rare=40", "batch=30",
    "dropout=0", "learning_rate=0.01", "warmup=0", "views=2",
)  # fmt: skip


@pytest.fixture(scope="module")
def data_dir(prepare, tmp_path_factory):
    raw, folder = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("hpa")
    hpa_folder.make(raw, COUNT, 0)
    prepare("hpa_classification", folder, manual_dir=raw)
    return folder


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / "labels.txt"
    names = [kag_hpa.LABELS.structures[n] for n in sorted(hpa_folder.PATTERNS)]
    path.write_text("\n".join(names))
    return path


@pytest.fixture(scope="module")
def train(data_dir, labels):
    def run(recipe, out, *more):
        return cli.main([
            "train", recipe, "--data", "hpa_classification", "--data_dir", str(data_dir),
            "--labels", str(labels), "--out", str(out), "--set", *SETTINGS, *more,
        ])  # fmt: skip

    return run


@pytest.fixture(scope="module")
def trained(train, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "best"
    assert train("hpa_best", out, "epochs=6") == 0
    return out


def test_f1_is_far_above_saying_every_label(trained):
    table = pd.read_csv(trained / "test" / "thresholds.csv").set_index(["thresholds", "labels"])
    every = table.loc[("every label always", "6 labels"), "macro_f1"]
    assert every < 0.45
    for way in ("per_label", "by_share"):
        assert table.loc[(way, "6 labels"), "macro_f1"] > every + 0.25
    scores = json.loads((trained / "scores.json").read_text())
    assert scores["test_macro_f1_per_label"] == table.loc[("per_label", "6 labels"), "macro_f1"]


def test_tables_and_charts_are_there(trained):
    counts = pd.read_csv(trained / "label_counts.csv").set_index("label")
    assert (
        counts.loc["Mitotic spindle", "in_an_epoch"] >= 40 > counts.loc["Mitotic spindle", "images"]
    )
    table = pd.read_csv(trained / "test" / "labels_per_label.csv")
    assert list(table.columns) == [
        "label", "images", "predicted", "precision", "recall", "f1", "average_precision",
        "threshold",
    ]  # fmt: skip
    assert "published: write-up" in (trained / "test" / "comparison.md").read_text()
    for name in ("label_counts.png", "test/f1_by_label.png", "history.png"):
        with Image.open(trained / name) as image:
            assert min(image.size) > 200


def test_a_run_that_was_stopped_ends_as_the_unbroken_one(train, tmp_path, monkeypatch):
    from cytoimagenet_tfds.training import history

    settings = ("epochs=2", "augment_rare_only=true", "loss=weighted_binary_crossentropy")
    assert train("hpa_paper", tmp_path / "whole", *settings, "compose=") == 0
    write = history.write

    def stop(rows, folder):
        write(rows, folder)
        if len(rows) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(history, "write", stop)
    assert train("hpa_paper", tmp_path / "broken", *settings, "compose=") == 130
    monkeypatch.setattr(history, "write", write)
    assert train("hpa_paper", tmp_path / "broken", *settings, "compose=") == 0
    whole, broken = (pd.read_csv(tmp_path / n / "history.csv") for n in ("whole", "broken"))
    pd.testing.assert_frame_equal(whole, broken)
