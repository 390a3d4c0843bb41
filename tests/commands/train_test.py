from __future__ import annotations

from cytoimagenet_tfds import cli


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
