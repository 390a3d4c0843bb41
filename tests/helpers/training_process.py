"""Trainings on the sample, also in a process of their own with the backend and devices wanted."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np


def train(recipe, data_dir, out, devices=()):
    """Trains, or goes on; returns all that two equal trainings share, as JSON types."""
    import keras

    from cytoimagenet_tfds.training import afterwards, machine, run

    done = run.run(recipe, "cytoimagenet/sample", str(data_dir), Path(out),
                   devices=devices, verbose=0)  # fmt: skip
    summary, model = afterwards.write(done), done.network.model
    arrays = b"".join(np.ascontiguousarray(a).tobytes() for a in model.get_weights())
    steps = keras.ops.convert_to_numpy(model.optimizer.iterations).item()
    return {
        "rows": done.rows, "epoch": done.epoch, "steps": steps, "summary": summary,
        "weights": hashlib.sha256(arrays).hexdigest(), "replicas": machine.replicas(model),
    }  # fmt: skip


def killed(recipe, data_dir, out, **where):
    """Trains in a process of its own that dies by SIGKILL within the second epoch."""
    process = _start(recipe, data_dir, [out], killed=True, **where)
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert os.listdir(Path(out) / "checkpoints") == ["epoch-0001.npz"]


def trained(recipe, data_dir, *outs, **where):
    """Trains or goes on in each folder, all in one new process; returns what `train` does."""
    process = _start(recipe, data_dir, outs, killed=False, **where)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout.splitlines()[-1])


def _start(recipe, data_dir, outs, *, killed, backend="tensorflow", devices=()):
    values = {"recipe": recipe.to_dict(), "data_dir": str(data_dir), "outs": list(map(str, outs)),
              "devices": list(devices), "killed": killed}  # fmt: skip
    return subprocess.run(
        [sys.executable, __file__, json.dumps(values)],
        env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _main(recipe, data_dir, outs, devices, killed):
    import cytoimagenet_tfds  # noqa: F401  registers the builders
    from cytoimagenet_tfds.training.recipe import from_dict

    if devices:
        _divide_cpu(len(devices))
    if killed:
        _die_in_second_epoch(Path(outs[0]))
    return [train(from_dict(recipe), data_dir, out, devices) for out in outs]


def _divide_cpu(count):
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * count
    tf.config.set_logical_device_configuration(cpu, parts)


def _die_in_second_epoch(out):
    from cytoimagenet_tfds.training import run

    def kill(self, batch, logs=None):
        if batch == 1 and (out / "checkpoints" / "epoch-0001.npz").exists():
            os.kill(os.getpid(), signal.SIGKILL)

    run._NotANumber.on_train_batch_end = kill


if __name__ == "__main__":
    print(json.dumps(_main(**json.loads(sys.argv[1]))))
