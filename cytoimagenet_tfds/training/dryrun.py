"""What a run would do: shapes, classes, steps, and an estimate of memory. Writes nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.training import (
    counting,
    data,
    feed,
    folder,
    machine,
    models,
    objective,
    run,
    state,
)
from cytoimagenet_tfds.training.recipe import Recipe

_SLOTS = {"adam": 2, "adamw": 2, "sgd": 1}  # optimizer variables per weight


def describe(recipe: Recipe, name: str, data_dir: str | None, out: Path | None) -> str:
    """Returns the description; raises as `run.run` does where the run could not start."""
    dataset = data.open_dataset(recipe, data.open_builder(name, data_dir))
    counts = counting.count(dataset)
    counts.check(dataset.name)
    there = _out(out, recipe, dataset, counts)
    with machine.prepared(recipe):
        network = models.build(recipe, dataset.channels, len(dataset.classes))
        steps = run.steps(recipe, counts)
        objective.compile_model(network.model, recipe, steps)
        images, targets = first(feed.batches(dataset, data.TRAIN, recipe, epoch=0))
        memory = estimate(network.model, recipe)
    reads = "tfds.data_source" if dataset.random_access else "tfds.load"
    return "\n".join([
        f"recipe      {recipe.name} ({recipe.digest()}), {recipe.task}",
        f"data        {dataset.name}, read by {reads}, plan hash {dataset.plan_hash or 'unknown'}",
        f"images      {counts.examples[data.TRAIN]:,} training, "
        f"{counts.examples[data.VALIDATION]:,} validation",
        f"classes     {len(dataset.classes):,}, {_sizes(counts)}",
        f"batch       images {tuple(images.shape)} {_dtype(images)}, "
        f"targets {tuple(targets.shape)} {_dtype(targets)}",
        f"model       {recipe.model}, {network.model.count_params():,} parameters, "
        f"{network.backbone.output.shape[-1]:,} features, {recipe.precision}",
        f"steps       {steps:,} an epoch, {wording.counted(recipe.epochs, 'epoch')}, "
        f"{steps * recipe.epochs:,} in all",
        f"memory      about {memory / 1e9:.1f} GB (estimate) for weights, gradients, optimizer "
        "and activations of one step",
        f"backend     {keras.backend.backend()}, Keras {keras.__version__}",
        *there,
    ])  # fmt: skip


def _out(out: Path | None, recipe: Recipe, dataset: data.Dataset, counts: data.Counts) -> list[str]:
    """Says where the run would lie and whether it would go on."""
    if out is None:
        return []
    known = folder.check(out, recipe, dataset, counts)
    done = len(found[1]) if (found := state.newest(folder.Folder(out).checkpoints)) else 0
    return [
        f"out         {out}, "
        + (f"goes on after {wording.counted(done, 'epoch')}" if known else "new")
    ]


def first(batches: Any) -> tuple[Any, Any]:
    """Returns the first batch of a dataset or a sequence."""
    if hasattr(batches, "__getitem__"):
        images, targets = batches[0]
    else:
        images, targets = next(iter(batches))
    return images, targets


def estimate(model: keras.Model, recipe: Recipe) -> int:
    """Estimates the bytes that one training step holds.

    Weights, gradients and optimizer variables in float32, and the outputs of all layers, which the
    backward pass needs, at the size of the compute type.
    """
    half = recipe.precision != "float32"
    weights: int = model.count_params() * 4 * (2 + _SLOTS[recipe.optimizer])
    outputs: int = sum(
        math.prod(size or 1 for size in tensor.shape)
        for layer in model.layers
        for tensor in keras.tree.flatten(layer.output)
    )
    return weights + outputs * recipe.batch * (2 if half else 4)


def _sizes(counts: data.Counts) -> str:
    sizes = counts.classes[data.TRAIN]
    return f"{sizes.min():,} to {sizes.max():,} training images each (median {sizes.median():g})"


def _dtype(array: Any) -> str:
    return str(keras.backend.standardize_dtype(array.dtype))
