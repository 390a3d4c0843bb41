"""Checkpoints: all that a training needs to go on as if it had never stopped.

One file per epoch holds the weights, the optimizer's variables (its steps and thereby the learning
rate, the scale of the loss) and the history so far, from which patience and the best epoch follow;
as plain NumPy arrays, so that another backend reads it too. It appears under its name only when
complete. Random numbers need no place in it: each epoch begins from its own seed.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.training import weights
from cytoimagenet_tfds.training.history import Row

_PATTERN = "epoch-*.npz"


def path_of(folder: Path, epoch: int) -> Path:
    """Returns the file of the checkpoint after `epoch` epochs."""
    return folder / f"epoch-{epoch:04d}.npz"


def save(model: keras.Model, folder: Path, history: Sequence[Row]) -> Path:
    """Writes the checkpoint after the epochs of `history`, atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(folder, len(history))
    part = folder / f".part-{path.name}"
    with open(part, "wb") as file:
        np.savez(file, allow_pickle=False, history=np.array(json.dumps(history)), **_arrays(model))
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    return path


def newest(folder: Path) -> tuple[Path, list[Row]] | None:
    """Returns the newest readable checkpoint with its history, None where there is none."""
    for path in sorted(folder.glob(_PATTERN), reverse=True):
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as data:
                rows: list[Row] = json.loads(str(data["history"]))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            print(f"{path} cannot be read, the one before it is taken: {error}")
            continue
        return path, rows
    return None


def load(model: keras.Model, path: Path) -> None:
    """Gives a compiled model the weights and optimizer state of a checkpoint.

    Raises:
      TrainingError: the checkpoint belongs to another network.
    """
    with np.load(path, allow_pickle=False) as data:
        variables = _variables(model)
        found = set(data.files) - {"history"}
        problems = errors.Problems()
        for name in sorted(found ^ set(variables)):
            where = "the checkpoint" if name in found else "the network"
            problems.add(f"Only {where} has {name}.")
        for name in sorted(found & set(variables)):
            if data[name].shape != tuple(variables[name].shape):
                problems.add(f"{name} is {data[name].shape}, expected {variables[name].shape}.")
        problems.raise_if_any(errors.TrainingError, f"{path} belongs to another network:")
        for name, variable in variables.items():
            variable.assign(data[name])
    weights.refresh(model)


def prune(folder: Path, keep: Sequence[int]) -> None:
    """Removes the checkpoints of all epochs but these."""
    kept = {path_of(folder, epoch) for epoch in keep}
    for path in sorted(folder.glob(_PATTERN)):
        if path not in kept:
            path.unlink()


def reseed(model: keras.Model, seed: int, epoch: int) -> None:
    """Sets every random generator that an epoch may draw from: dropout and the like.

    Torch's dropout draws from the generator of the process, the other backends from states inside
    the model.
    """
    keras.utils.set_random_seed(hashing.stable_hash(seed, "process", epoch) % 2**31)
    states = [v for v in model.non_trainable_variables if v.name == "seed_generator_state"]
    for number, state in enumerate(states):
        value = hashing.stable_hash(seed, "layer", number, epoch) % 2**31
        state.assign(np.array([value, 0]).astype(keras.backend.standardize_dtype(state.dtype)))


def unify(model: keras.Model) -> None:
    """Gives all devices the same running statistics, the mean of what each has gathered."""
    for variable in model.non_trainable_weights:
        variable.assign(_array(variable))


def _variables(model: keras.Model) -> dict[str, Any]:
    groups = {"weight": model.weights, "optimizer": model.optimizer.variables}
    return {
        f"{group}/{number:04d}": variable
        for group, variables in groups.items()
        for number, variable in enumerate(variables)
    }


def _arrays(model: keras.Model) -> dict[str, np.ndarray[Any, Any]]:
    return {name: _array(variable) for name, variable in _variables(model).items()}


def _array(variable: Any) -> np.ndarray[Any, Any]:
    # By way of a tensor: a variable on several devices has one value, but is no array.
    array: np.ndarray[Any, Any] = keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(variable))
    return array
