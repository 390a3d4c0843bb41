"""Training spread over two devices by tf.distribute; here two halves of one CPU."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import training_process

from cytoimagenet_tfds.training import feed


def test_two_devices_train_resume_and_predict_in_order(sample, sample_data, tiny, tmp_path):
    recipe = tiny(epochs=2, batch=32, distances=0)
    places, root = ["CPU:0", "CPU:1"], sample.data_dir_root
    outs = [tmp_path / "killed", tmp_path / "unbroken"]
    training_process.killed(recipe, root, outs[0], devices=places)
    resumed, unbroken = training_process.trained(recipe, root, *outs, devices=places)
    assert unbroken["replicas"] == 2
    assert resumed == unbroken
    images = sample.info.splits["train"].num_examples
    assert unbroken["steps"] == 2 * math.ceil(images / 32)
    predictions = pd.read_parquet(tmp_path / "unbroken" / "predictions.parquet")
    rows = list(feed.rows(sample_data, "validation", recipe))
    assert predictions["key"].tolist() == [key.decode() for row in rows for key in row["key"]]
    # Keras' own measure over both devices: keys, labels and outputs lie on the same rows.
    right = (predictions["label"] == predictions["predicted"]).mean()
    assert right == pytest.approx(unbroken["rows"][-1]["val_accuracy"])
