"""Losses that Keras does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

MOST = 10.0
"""Largest weight of a class: a class with a dozen images would otherwise rule the gradient."""


def class_weights(images: Sequence[int], total: int) -> list[float]:
    """Returns by how much a class weighs more where it is there than where it is not.

    Images without it over images with it, kept between 1 and `MOST`; 1 for a class without images.
    """
    return [min(MOST, max(1.0, (total - count) / count)) if count else 1.0 for count in images]


@keras.saving.register_keras_serializable("cytoimagenet_tfds")
class WeightedBinaryCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Binary cross-entropy whose positive part is weighted by class.

    Args:
      weights: [C], of the positive part.
      label_smoothing: targets move this share of the way to 0.5.
    """

    def __init__(
        self, weights: Sequence[float], label_smoothing: float = 0.0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.weights = tuple(float(weight) for weight in weights)
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns [B] for targets and probabilities [B, C]."""
        ops = keras.ops
        true = ops.cast(y_true, y_pred.dtype)
        true = true * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        found = ops.clip(y_pred, keras.config.epsilon(), 1 - keras.config.epsilon())
        weights = ops.cast(ops.array(self.weights), found.dtype)
        parts = weights * true * ops.log(found) + (1 - true) * ops.log(1 - found)
        return -ops.mean(parts, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        own = {"weights": list(self.weights), "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}
