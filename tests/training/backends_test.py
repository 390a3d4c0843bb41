"""The trainer on JAX and PyTorch, where they are installed."""

from __future__ import annotations

import importlib.util

import keras
import numpy as np
import pytest
import training_process

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import machine


@pytest.fixture(params=["jax", "torch"])
def backend(request):
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.mark.parametrize("reader", ["tfds.load", "tfds.data_source"])
def test_another_backend_trains_and_resumes(backend, reader, request, tiny, tmp_path):
    root = (
        request.getfixturevalue("array_record_dir")
        if reader == "tfds.data_source"
        else request.getfixturevalue("sample").data_dir_root
    )
    recipe = tiny(epochs=2)
    outs = [tmp_path / "killed", tmp_path / "unbroken"]
    training_process.killed(recipe, root, outs[0], backend=backend)
    resumed, unbroken = training_process.trained(recipe, root, *outs, backend=backend)
    assert resumed == unbroken
    assert np.isfinite([row["loss"] for row in unbroken["rows"]]).all()
    assert (tmp_path / "unbroken" / "predictions.parquet").exists()


def test_devices_are_chosen_on_tensorflow_only(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(errors.ConfigError, match="--devices needs KERAS_BACKEND=tensorflow"):
        machine._scope(["GPU:0"])
