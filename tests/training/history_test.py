from __future__ import annotations

import json

import pandas as pd

from cytoimagenet_tfds.training import history


def _rows(*losses):
    return [history.row(n, {"loss": 1.0, "val_loss": loss}, 0.1) for n, loss in enumerate(losses)]


def test_one_row_per_epoch_in_both_files(tmp_path):
    rows = _rows(2.0, 1.5)
    history.write(rows, tmp_path)
    table = pd.read_csv(tmp_path / "history.csv")
    assert list(table) == ["epoch", "loss", "val_loss", "learning_rate"]
    assert table["epoch"].tolist() == [0, 1]
    assert table["val_loss"].tolist() == [2.0, 1.5]
    assert json.loads((tmp_path / "history.json").read_text()) == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.csv", "history.json"]


def test_the_best_epoch_is_the_first_with_the_lowest_loss():
    assert history.best(_rows(3, 1, 2, 1)) == 2
    assert history.best([]) == 0


def test_patience_counts_epochs_since_the_best():
    assert not history.stopped(_rows(3, 1, 2), 2)
    assert history.stopped(_rows(3, 1, 2, 1), 2)
    assert not history.stopped(_rows(3, 1, 2, 1), 0)
    assert not history.stopped([], 2)
