"""Simple features of pixels: grey levels and spatial frequencies, no network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds.figures.material import Grey

WHAT = "grey levels and spatial frequencies, no network"
_BINS = 16
_SIDE = 64


def features(images: Sequence[Grey]) -> npt.NDArray[np.float32]:
    """Returns [N, 48]: shares of 16 grey levels, and log power in 32 rings of frequency.

    Every image is brought to 64 x 64 pixels first; each feature then has mean 0 and deviation 1.
    """
    found = np.array([_of_one(image) for image in images], np.float32)
    deviation = found.std(axis=0)
    standard: npt.NDArray[np.float32] = (found - found.mean(axis=0)) / np.where(
        deviation > 0, deviation, 1
    )
    return standard


def _of_one(image: Grey) -> npt.NDArray[np.float64]:
    import cv2

    levels = np.bincount(image.ravel() // (256 // _BINS), minlength=_BINS) / image.size
    small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    power = np.abs(np.fft.fftshift(np.fft.fft2(small - small.mean()))) ** 2
    down, right = np.indices(power.shape) - _SIDE // 2
    ring = np.minimum(np.hypot(down, right).astype(int), _SIDE // 2 - 1)
    rings = np.bincount(ring.ravel(), power.ravel()) / np.bincount(ring.ravel())
    return np.concatenate([levels, np.log1p(rings)])
