from __future__ import annotations

import sys

import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import history, machine

ROWS = [history.row(n, {"loss": 2.0 - n, "val_loss": 3.0 - n}, 0.1) for n in range(3)]


def _losses(folder):
    pytest.importorskip("tensorboard", reason="needs the extra train")
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    events = event_accumulator.EventAccumulator(str(folder))
    events.Reload()
    return [
        (event.step, tensor_util.make_ndarray(event.tensor_proto).item())
        for event in events.Tensors("loss")
    ]


def test_a_run_that_goes_on_shows_each_epoch_once(tmp_path):
    pytest.importorskip("tensorboard", reason="needs the extra train")
    board = machine.TensorBoard(tmp_path)
    board.add(ROWS[0])  # killed before it wrote the second epoch
    machine.TensorBoard(tmp_path, ROWS[:2]).add(ROWS[2])
    assert _losses(tmp_path) == [(0, 2.0), (1, 1.0), (2, 0.0)]


def test_without_tensorboard_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(errors.ConfigError, match=r"pip install 'cytoimagenet-tfds\[train\]'"):
        machine.TensorBoard(tmp_path)
