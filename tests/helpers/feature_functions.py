"""Functions that make features, named on the command line as feature_functions:<name>."""

from __future__ import annotations

import numpy as np


def means(images: np.ndarray) -> np.ndarray:
    """Mean of each quarter of the image, [B, 4]."""
    height, width = images.shape[1] // 2, images.shape[2] // 2
    quarters = [
        images[:, y : y + height, x : x + width, 0] for y in (0, height) for x in (0, width)
    ]
    return np.stack([quarter.mean(axis=(1, 2)) for quarter in quarters], axis=1)
