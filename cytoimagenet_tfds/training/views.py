"""Test-time augmentation: the mean over the quarter turns and mirrorings of an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

MOST = 8  # quarter turns of an image and of its mirror image


def view(images: Any, number: int) -> Any:
    """Returns images [B, H, W, C] turned by `number` quarters; from 4 on their mirror images."""
    array = np.asarray(images)
    mirrored = array[:, :, ::-1] if number >= 4 else array
    return np.ascontiguousarray(np.rot90(mirrored, number % 4, axes=(1, 2)))


def averaged(predict: Callable[[Any], Any], views: int) -> Callable[[Any], Any]:
    """Returns a function that predicts `views` views of each image and takes the mean."""
    if views == 1:
        return predict
    return lambda images: np.mean(
        [predict(view(images, number)) for number in range(views)], axis=0, dtype=np.float32
    )
