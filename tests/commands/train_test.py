from __future__ import annotations

import importlib.util

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.commands import train


def _run(capsys, *words):
    status = cli.main(["train", *words])
    output = capsys.readouterr()
    return status, output.out + output.err


def test_a_recipe_is_shown_with_what_was_set(capsys):
    status, text = _run(capsys, "paper", "--show", "--set", "pooling=max", "--labels", "toy_20")
    assert status == 0
    assert "Published (arXiv 2111.11646)" in text
    assert "pooling = 'max'" in text
    assert "'tankyrase inhibitor'" in text


def test_labels_from_a_file(capsys, tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("actin\n\nrna, total \nactin\n")
    _, text = _run(capsys, "smoke", "--show", "--labels", str(path))
    assert "labels = ['actin', 'rna, total']" in text


def test_what_is_wrong_is_said_in_one_message(capsys, tmp_path):
    assert _run(capsys, "smoke", "--set", "epochs") == (
        1, "cytoimagenet train: These values cannot be set:\n"
        "- --set epochs: expected NAME=VALUE.\n",
    )  # fmt: skip
    for words, expected in {
        ("smok",): "no recipe 'smok'. Did you mean 'smoke'",
        ("smoke",): "--out is missing",
        ("smoke", "--labels", "toy_30"): "no list of labels 'toy_30'. Did you mean",
    }.items():
        status, text = _run(capsys, *words)
        assert status == 1
        assert expected in text


def test_a_backend_that_cannot_train_is_named(capsys, tmp_path, monkeypatch):
    words = ("smoke", "--out", str(tmp_path / "run"))
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    status, text = _run(capsys, *words)
    assert status == 1
    assert "no backend that trains 'numpy'" in text
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert _run(capsys, *words) == (
        1, "cytoimagenet train: KERAS_BACKEND is jax, which is not installed: pip install jax\n"
    )  # fmt: skip


def test_an_interrupt_says_how_to_go_on(capsys, tmp_path, monkeypatch):
    def interrupted(recipe, args):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "_train", interrupted)
    status, text = _run(capsys, "smoke", "--out", str(tmp_path / "run"))
    assert (status, text) == (
        130,
        "Stopped. The same command goes on after the last whole epoch.\n",
    )
