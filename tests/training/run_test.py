from __future__ import annotations

import dataclasses
import json
import os

import numpy as np
import pandas as pd
import pytest
from tensorflow.python.framework import config as tf_config

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import afterwards, dryrun, feed, folder, recipe, run, state


@pytest.fixture
def train(sample, tmp_path):
    """The function that trains on the sample: (recipe, out name, **values) -> Run."""

    def function(recipe, out="run", **values):
        values = {"verbose": 0, **values}
        root = str(sample.data_dir_root)
        return run.run(recipe, "cytoimagenet/sample", root, tmp_path / out, **values)

    yield function
    tf_config.disable_op_determinism()


def _losses(done):
    return [row["loss"] for row in done.rows]


def _weights(done):
    return done.network.model.get_weights()


def _same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(_weights(first), _weights(second), strict=True))


def test_the_loss_falls_and_everything_is_written(train, tiny):
    done = train(tiny(epochs=4, schedule="cosine"))
    assert _losses(done)[-1] < 0.85 * _losses(done)[0]
    summary = afterwards.write(done)
    root = done.folder.root
    predictions = pd.read_parquet(root / "predictions.parquet")
    assert {"key", "label", "predicted", "probability"} <= set(predictions)
    assert len(predictions) == done.counts.examples["validation"]
    right = (predictions["label"] == predictions["predicted"]).mean()
    assert summary["accuracy"] == pytest.approx(right)
    # Keras measures the same, so labels, keys and outputs lie on the same rows.
    assert right == pytest.approx(done.rows[-1]["val_accuracy"])
    assert summary["top_3_accuracy"] == pytest.approx(done.rows[-1]["val_top_3_accuracy"])
    distances = pd.read_csv(root / "class_distances.csv")
    assert distances["label"].tolist() == sorted(done.dataset.classes)
    assert distances["images"].max() == 5
    card = (root / "MODEL_CARD.md").read_text()
    for text in ("cytoimagenet/sample/1.0.0", done.dataset.plan_hash, "CC0-1.0", "BSD-3-Clause",
                 done.recipe.digest(), "4 of 4 epochs"):  # fmt: skip
        assert text in card
    table = pd.read_csv(root / "history.csv")
    assert list(table)[:3] == ["epoch", "accuracy", "loss"]
    assert table["epoch"].tolist() == [0, 1, 2, 3]
    written = {path.name for path in root.iterdir()}
    assert {"history.png", "class_accuracy.png", "calibration.png", "confusions.png", "scores.json",
            "none_right.csv", "categories.csv", "classes.txt", "weights"} <= written  # fmt: skip
    assert not [name for name in written if name.startswith(".part")]


def test_several_labels_at_once(train, tiny):
    done = train(tiny(task="multilabel", target="labels", epochs=1, distances=0))
    summary = afterwards.write(done)
    assert {"macro_f1", "micro_f1", "mean_average_precision"} <= set(summary)
    assert summary["micro_f1"] == pytest.approx(done.rows[-1]["val_micro_f1"], abs=1e-6)
    assert summary["macro_f1"] == pytest.approx(done.rows[-1]["val_macro_f1"], abs=1e-6)
    table = pd.read_parquet(done.folder.root / "predictions.parquet")
    assert len(table["probabilities"].iloc[0]) == len(done.dataset.classes)


def test_a_run_stops_early_and_takes_the_best_weights(train, tiny, monkeypatch):
    losses = iter([3.0, 1.0, 2.0, 2.5, 0.5])
    make = run.history.row

    def row(epoch, logs, rate):
        return make(epoch, {**logs, "val_loss": next(losses)}, rate)

    monkeypatch.setattr(run.history, "row", row)
    done = train(tiny(epochs=5, patience=2, keep_best=True))
    assert (len(done.rows), done.epoch) == (4, 2)
    names = sorted(os.listdir(done.folder.checkpoints))
    assert names == ["epoch-0002.npz", "epoch-0003.npz", "epoch-0004.npz"]
    kept = [done.network.model.get_weights()[0]]
    state.load(done.network.model, done.folder.checkpoints / "epoch-0002.npz")
    assert np.array_equal(kept[0], done.network.model.get_weights()[0])
    # Started again, it knows that it is over.
    assert train(done.recipe).rows == done.rows


def _tree(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_another_recipe_changes_nothing_in_the_folder(train, tiny, tmp_path):
    train(tiny(epochs=1))
    before = _tree(tmp_path / "run")
    other = dataclasses.replace(tiny(epochs=1, batch=8), augmentation=recipe.Augmentation())
    with pytest.raises(errors.TrainingError) as caught:
        train(other)
    text = str(caught.value)
    assert "holds another run. Nothing was written" in text
    assert "recipe: batch is 8, there 64." in text
    assert "recipe: augmentation.rotation is 0.0, there 360." in text
    with pytest.raises(errors.TrainingError, match="data: classes is 2, there 13"):
        train(tiny(epochs=1, labels=("nucleus", "tripos")))
    assert _tree(tmp_path / "run") == before


def test_a_folder_with_other_things_is_left_alone(train, tiny, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("precious")
    with pytest.raises(errors.TrainingError, match="not empty and holds no run"):
        train(tiny())
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_a_loss_that_is_no_number_stops_the_run(train, tiny):
    with pytest.raises(errors.TrainingError, match=r"The loss is nan .*The checkpoints before"):
        train(tiny(learning_rate=1e30, epochs=3, optimizer="sgd"))


def test_a_broken_checkpoint_is_passed_over(train, tiny, capsys):
    first = train(tiny(deterministic=True))
    newest = first.folder.checkpoints / "epoch-0002.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    again = train(tiny(deterministic=True))
    assert "epoch-0002.npz cannot be read" in capsys.readouterr().out
    assert again.rows == first.rows
    assert _same(first, again)


def test_a_checkpoint_of_another_network_is_refused(train, tiny):
    done = train(tiny(epochs=1))
    path = done.folder.checkpoints / "epoch-0001.npz"
    other = run.models.build(tiny(), 1, 4).model
    run.objective.compile_model(other, tiny(), 5)
    with pytest.raises(errors.TrainingError, match=r"belongs to another network:\n- .*expected"):
        state.load(other, path)


def test_dropout_begins_each_epoch_from_its_own_seed(tiny):
    model = run.models.build(tiny(), 1, 3).model

    def states():
        return [np.asarray(v).tolist() for v in model.non_trainable_variables
                if v.name == "seed_generator_state"]  # fmt: skip

    state.reseed(model, 0, 1)
    first = states()
    state.reseed(model, 0, 2)
    assert first
    assert states() != first
    state.reseed(model, 0, 1)
    assert states() == first


def test_an_unknown_device_is_named(train, tiny, tmp_path):
    with pytest.raises(errors.ConfigError, match=r"no device 'GPU:7'.*CPU:0"):
        train(tiny(), devices=["GPU:7"])
    assert not (tmp_path / "run").exists()


def test_a_dry_run_writes_nothing(sample, tiny, tmp_path):
    text = dryrun.describe(tiny(), "cytoimagenet/sample", str(sample.data_dir_root), tmp_path / "o")
    assert "images (64, 32, 32, 1) uint8, targets (64, 13) float32" in text
    assert "5 an epoch, 2 epochs, 10 in all" in text
    assert "GB (estimate)" in text
    assert text.endswith("/o, new")
    assert not (tmp_path / "o").exists()


def test_a_dry_run_tells_of_what_lies_there(train, tiny, sample, tmp_path):
    wanted, where = tiny(epochs=1), ("cytoimagenet/sample", str(sample.data_dir_root))
    train(wanted)
    assert dryrun.describe(wanted, *where, tmp_path / "run").endswith("run, goes on after 1 epoch")
    with pytest.raises(errors.TrainingError, match="batch is 8, there 64"):
        dryrun.describe(tiny(epochs=1, batch=8), *where, tmp_path / "run")
    assert "\nout" not in dryrun.describe(wanted, *where, None)


def test_what_a_kill_left_of_the_first_file_is_no_other_run(train, tiny, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".part-run.json").write_text("{")
    assert len(train(tiny(epochs=1)).rows) == 1


def test_the_files_of_a_run_name_their_data(train, tiny):
    done = train(tiny(epochs=0, distances=0))
    kept = json.loads((done.folder.root / folder._RUN).read_text())
    assert kept["data"]["plan_hash"] == done.dataset.plan_hash
    assert recipe.from_dict(kept["recipe"]) == done.recipe
    assert afterwards.write(done)["images"] == 74
    assert "No training" in (done.folder.root / "MODEL_CARD.md").read_text()


def test_the_other_path_trains_as_well(tiny, array_record_dir, tmp_path):
    done = run.run(
        tiny(epochs=1), "cytoimagenet/sample", array_record_dir, tmp_path / "run", verbose=0
    )
    assert done.dataset.random_access
    assert np.isfinite(_losses(done)).all()
    assert len(list(feed.rows(done.dataset, "validation", done.recipe))) == 2
