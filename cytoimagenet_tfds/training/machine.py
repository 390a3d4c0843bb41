"""What depends on backend and devices: several GPUs, determinism, precision, TensorBoard."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training.history import Row
from cytoimagenet_tfds.training.recipe import Recipe


@contextlib.contextmanager
def prepared(recipe: Recipe, devices: Sequence[str] = ()) -> Iterator[None]:
    """Sets precision and determinism, and spreads the model over the devices.

    Determinism is that of TensorFlow's operations on a GPU. The other backends have settings of
    their own for that, to be made before: `torch.use_deterministic_algorithms(True)`, and
    `XLA_FLAGS=--xla_gpu_deterministic_ops=true` for JAX.

    Args:
      recipe: gives precision and determinism. What TensorFlow does to be deterministic stays in
        force for the process.
      devices: for example `GPU:0`, `GPU:1`; () takes all GPUs on TensorFlow, and leaves the choice
        to the other backends.

    Raises:
      ConfigError: the backend is not TensorFlow and devices are named, or one is not there.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    if recipe.deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    try:
        with _scope(devices):
            yield
    finally:
        keras.config.set_dtype_policy(policy)


def _scope(devices: Sequence[str]) -> contextlib.AbstractContextManager[Any]:
    backend = keras.backend.backend()
    if backend != "tensorflow":
        if devices:
            raise errors.ConfigError(
                f"--devices needs KERAS_BACKEND=tensorflow, the backend is {backend}. It takes one "
                "device by itself; CUDA_VISIBLE_DEVICES=0 chooses which."
            )
        return contextlib.nullcontext()
    import tensorflow as tf

    there = [device.name.removeprefix("/physical_device:") for device in
             tf.config.list_logical_devices()]  # fmt: skip
    there = [name.removeprefix("/device:") for name in there]
    unknown = sorted(set(devices) - set(there))
    if unknown:
        raise errors.ConfigError(errors.unknown_name("device", unknown[0], there))
    chosen = list(devices) or [name for name in there if name.startswith("GPU")]
    if len(chosen) < 2:
        return tf.device(chosen[0]) if devices else contextlib.nullcontext()
    scope: contextlib.AbstractContextManager[Any] = tf.distribute.MirroredStrategy(chosen).scope()
    return scope


def leave_gpus() -> None:
    """Keeps TensorFlow, which only reads the records, off the GPUs another backend computes on."""
    if keras.backend.backend() == "tensorflow":
        return
    import tensorflow as tf

    # Too late where it computes already; then nothing changes.
    with contextlib.suppress(RuntimeError):
        tf.config.set_visible_devices([], "GPU")


def replicas(model: keras.Model) -> int:
    """Returns over how many devices `tf.distribute` has spread a model, 1 for none."""
    strategy = getattr(model, "distribute_strategy", None)
    return int(strategy.num_replicas_in_sync) if strategy else 1


class TensorBoard:
    """Writes the rows of a history as scalars.

    Its folder belongs to one run: a run that goes on writes the events of its history anew, so that
    each epoch is there once, also where a kill came before its event was written.
    """

    def __init__(self, folder: Path, rows: Sequence[Row] = ()) -> None:
        try:
            import tensorboard  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
            import tensorflow as tf
        except ImportError as error:
            raise errors.ConfigError(
                f"TensorBoard is not installed ({error}): pip install 'cytoimagenet-tfds[train]'"
            ) from error
        for old in sorted(folder.glob("events.out.tfevents.*")):
            old.unlink()
        self._writer = tf.summary.create_file_writer(str(folder))
        self._summary = tf.summary
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Writes one epoch."""
        with self._writer.as_default(step=int(row["epoch"])):
            for name, value in row.items():
                if name != "epoch":
                    self._summary.scalar(name, value)
        self._writer.flush()
