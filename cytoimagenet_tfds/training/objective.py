"""Loss, optimizer, learning rate and metrics of a recipe, as Keras objects."""

from __future__ import annotations

import math
from typing import Any

import keras

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import data, losses
from cytoimagenet_tfds.training.recipe import Recipe


@keras.saving.register_keras_serializable("cytoimagenet_tfds")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Linear rise from zero, then constant, or half a cosine down to zero.

    Args:
      rate: the highest rate.
      warmup: steps of the rise.
      steps: all steps; the cosine ends there. 0 for a constant rate.
    """

    def __init__(self, rate: float, warmup: int, steps: int) -> None:
        super().__init__()
        self.rate, self.warmup, self.steps = rate, warmup, steps

    def __call__(self, step: Any) -> Any:
        """Returns the rate of a step."""
        ops = keras.ops
        step = ops.cast(step, "float32")
        rise = ops.minimum(1.0, (step + 1.0) / max(self.warmup, 1)) if self.warmup else 1.0
        fall: Any = 1.0
        if self.steps:
            share = (step - self.warmup) / max(self.steps - self.warmup, 1)
            fall = 0.5 * (1 + ops.cos(math.pi * ops.clip(share, 0.0, 1.0)))
        return self.rate * rise * fall

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {"rate": self.rate, "warmup": self.warmup, "steps": self.steps}


def compile_model(
    model: keras.Model, recipe: Recipe, steps: int, counts: data.Counts | None = None
) -> None:
    """Gives a model the loss, optimizer and metrics of a recipe.

    Args:
      model: to compile.
      recipe: says with what.
      steps: per epoch.
      counts: of the training images, for a loss that weighs classes.
    """
    classes = model.output.shape[-1]
    model.compile(
        optimizer=optimizer(recipe, steps),
        loss=loss(recipe, counts),
        metrics=metrics(recipe, classes),
    )
    model.optimizer.build(model.trainable_variables)


def optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Returns the optimizer with its learning rate or schedule."""
    rate: Any = recipe.learning_rate
    if recipe.warmup or recipe.schedule == "cosine":
        end = recipe.epochs * steps if recipe.schedule == "cosine" else 0
        rate = Schedule(rate, round(recipe.warmup * steps), end)
    made: dict[str, Any] = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "adamw": lambda: keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay),
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=0.9),
    }
    found = made[recipe.optimizer]()
    if recipe.optimizer == "adamw":
        found.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return found


def loss(recipe: Recipe, counts: data.Counts | None = None) -> keras.losses.Loss:
    """Returns the loss, with label smoothing."""
    if recipe.loss_name == "weighted_binary_crossentropy":
        return _weighted(recipe, counts)
    classes = {
        "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
        "binary_crossentropy": keras.losses.BinaryCrossentropy,
        "binary_focal_crossentropy": keras.losses.BinaryFocalCrossentropy,
    }
    return classes[recipe.loss_name](label_smoothing=recipe.label_smoothing)


def _weighted(recipe: Recipe, counts: data.Counts | None) -> keras.losses.Loss:
    if counts is None:
        raise errors.ConfigError("weighted_binary_crossentropy needs the counts of a dataset.")
    images = counts.classes[data.TRAIN].tolist()
    weights = losses.class_weights(images, counts.examples[data.TRAIN])
    return losses.WeightedBinaryCrossentropy(weights, recipe.label_smoothing)


def metrics(recipe: Recipe, classes: int) -> list[keras.metrics.Metric]:
    """Returns the metrics; their names are the columns of the history."""
    if recipe.task == "classification":
        k = min(recipe.top_k, classes)
        return [
            keras.metrics.CategoricalAccuracy(name="accuracy"),
            keras.metrics.TopKCategoricalAccuracy(k=k, name=f"top_{k}_accuracy"),
        ]
    return [
        keras.metrics.BinaryAccuracy(name="accuracy"),
        keras.metrics.F1Score(average="macro", threshold=0.5, name="macro_f1"),
        keras.metrics.F1Score(average="micro", threshold=0.5, name="micro_f1"),
    ]
