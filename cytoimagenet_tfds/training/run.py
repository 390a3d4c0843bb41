"""One training from start or checkpoint to its end."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.training import (
    balance,
    counting,
    data,
    feed,
    folder,
    history,
    machine,
    models,
    objective,
    state,
    weights,
)
from cytoimagenet_tfds.training.recipe import Recipe

_CHECK_EVERY = 50  # steps; reading the loss makes a GPU wait
_KEPT = 2  # newest checkpoints, beside the best one


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes:
      folder: where it lies.
      recipe: what was trained.
      dataset: on what.
      counts: what the dataset holds.
      network: with the final weights.
      rows: the history.
      epoch: epochs after which the weights are those of `network`.
    """

    folder: folder.Folder
    recipe: Recipe
    dataset: data.Dataset
    counts: data.Counts
    network: models.Network
    rows: list[history.Row]
    epoch: int


def run(
    recipe: Recipe,
    name: str,
    data_dir: str | None,
    out: Path,
    *,
    devices: Sequence[str] = (),
    tensorboard: bool = False,
    verbose: int = 2,
) -> Run:
    """Trains, or goes on from the newest checkpoint under `out`.

    Args:
      recipe: what to train.
      name: dataset as in `tfds.load`.
      data_dir: folder of the dataset, None for that of TFDS.
      out: folder of the run.
      devices: see `machine.prepared`.
      tensorboard: also write TensorBoard's events.
      verbose: as in `keras.Model.fit`.

    Returns:
      The finished run; with `devices` its network stays on them.

    Raises:
      ConfigError: the recipe does not fit the dataset or this machine.
      TrainingError: `out` holds another run, or the loss is not a number.
    """
    dataset = data.open_dataset(recipe, data.open_builder(name, data_dir))
    if not dataset.random_access:
        machine.leave_gpus()
    counts = counting.count(dataset)
    counts.check(dataset.name)
    dataset = dataclasses.replace(dataset, copies=copies(recipe, counts))
    with machine.prepared(recipe, devices):
        network = models.build(recipe, dataset.channels, len(dataset.classes))
        objective.compile_model(network.model, recipe, steps(recipe, counts), counts)
        found = state.newest(out / "checkpoints")
        if not found:
            weights.start(network, recipe)
        place = folder.claim(out, recipe, dataset, counts)
        rows = _resume(network.model, found, place)
        board = machine.TensorBoard(place.tensorboard, rows) if tensorboard else None
        _train(network.model, recipe, dataset, counts, place, rows, board, verbose)
        epoch = _final(network.model, recipe, rows, place)
    return Run(place, recipe, dataset, counts, network, rows, epoch)


def steps(recipe: Recipe, counts: data.Counts) -> int:
    """Returns the steps of an epoch."""
    return math.ceil(epoch_images(recipe, counts) / recipe.batch)


def copies(recipe: Recipe, counts: data.Counts) -> tuple[int, ...]:
    """Returns how often a training image of each class enters an epoch; () for once."""
    if not recipe.rare:
        return ()
    images = counts.classes[data.TRAIN].tolist()
    return tuple(balance.copies(images, recipe.rare, recipe.rare_copies))


def epoch_images(recipe: Recipe, counts: data.Counts) -> int:
    """Returns the images of an epoch, copies counted."""
    if not recipe.rare:
        return counts.examples[data.TRAIN]
    return balance.epoch_length(counts.sets, copies(recipe, counts))


def _resume(
    model: keras.Model, found: tuple[Path, list[history.Row]] | None, place: folder.Folder
) -> list[history.Row]:
    if found is None:
        return []
    path, rows = found
    state.load(model, path)
    history.write(rows, place.root)
    print(f"Goes on after {wording.counted(len(rows), 'epoch')}: {path}")
    return rows


def _train(
    model: keras.Model,
    recipe: Recipe,
    dataset: data.Dataset,
    counts: data.Counts,
    place: folder.Folder,
    rows: list[history.Row],
    board: machine.TensorBoard | None,
    verbose: int,
) -> None:
    """Trains epoch by epoch; `rows` grows."""
    ends = math.ceil(counts.examples[data.VALIDATION] / recipe.batch)
    validation = feed.counted(feed.batches(dataset, data.VALIDATION, recipe), ends)
    while len(rows) < recipe.epochs and not history.stopped(rows, recipe.patience):
        epoch = len(rows)
        started = time.perf_counter()
        state.reseed(model, recipe.seed, epoch)
        fitted = model.fit(
            feed.counted(
                feed.batches(dataset, data.TRAIN, recipe, epoch), steps(recipe, counts)
            ),
            validation_data=validation,
            initial_epoch=epoch, epochs=recipe.epochs, shuffle=False, verbose=verbose,
            callbacks=[_OneEpoch(recipe.seed, epoch), _NotANumber(), _OneNetwork()],
        )  # fmt: skip
        logs = {key: values[-1] for key, values in fitted.history.items()}
        _check(logs["loss"], f"after epoch {epoch + 1}")
        rows.append(history.row(epoch, logs, _rate(model)))
        state.save(model, place.checkpoints, rows)
        history.write(rows, place.root)
        last = range(max(len(rows) - _KEPT + 1, 1), len(rows) + 1)
        state.prune(place.checkpoints, [*last, history.best(rows)])
        seconds = time.perf_counter() - started
        _note_time(place, epoch, seconds, epoch_images(recipe, counts))
        if board:
            board.add(rows[-1])


def _final(
    model: keras.Model, recipe: Recipe, rows: list[history.Row], place: folder.Folder
) -> int:
    """Takes the weights of the best epoch where the recipe says so; returns their epoch."""
    if not rows or not recipe.keep_best:
        return len(rows)
    best = history.best(rows)
    state.load(model, state.path_of(place.checkpoints, best))
    return best


def _rate(model: keras.Model) -> float:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _note_time(place: folder.Folder, epoch: int, seconds: float, images: int) -> None:
    """Appends to `timings.csv`; apart from the history, which two equal runs share."""
    path = place.root / "timings.csv"
    head = "" if path.exists() else "epoch,seconds,images_per_second\n"
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{head}{epoch},{seconds:.2f},{images / seconds:.1f}\n")


def _check(loss: float, when: str) -> None:
    if not math.isfinite(loss):
        raise errors.TrainingError(
            f"The loss is {loss} {when}. The checkpoints before are untouched. Lower the rate "
            "(--set learning_rate=...), or use --set precision=float32, with another --out."
        )


class _OneEpoch(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends after one epoch; seeds at its start, as Keras may have drawn numbers to build itself."""

    def __init__(self, seed: int, epoch: int) -> None:
        super().__init__()
        self._seed, self._epoch = seed, epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        state.reseed(self.model, self._seed, self._epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.stop_training = True


class _OneNetwork(keras.callbacks.Callback):  # type: ignore[misc]
    """Before it is measured, a network on several devices becomes the one that is saved."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if machine.replicas(self.model) > 1:
            state.unify(self.model)


class _NotANumber(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops at once where the loss is not a number."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if batch % _CHECK_EVERY == 0 and logs:
            _check(float(logs["loss"]), f"at step {batch + 1} of the epoch")
