"""The pixel path of the reference implementation, typed again, for comparison of speed alone.

Each channel is read as colour and averaged, stretched in float64, merged, saved as PNG by Pillow,
read again for the checks and again for the crops; every crop is checked, stretched and saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from cytoimagenet_tfds import images


def field(paths: Sequence[Path], windows: Sequence[images.Window], out: Path) -> int:
    """Takes one field the whole way; returns the number of crops it saved."""
    merged = np.mean([_stretch(_read(path)) for path in paths], axis=0)
    target = out / "merged.png"
    _save(merged, target)
    if _is_bad(np.array(Image.open(target))):
        return 0
    whole = np.array(Image.open(target))
    saved = 0
    for number, window in enumerate(windows):
        crop = whole[window.y_min : window.y_max, window.x_min : window.x_max]
        if 1 < crop.mean() < 254 and np.percentile(crop, 75) != 0:
            _save(_stretch(crop), out / f"crop_{number}.png")
            saved += 1
    return saved


def _read(path: Path) -> npt.NDArray[np.float64]:
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    grey: npt.NDArray[np.float64] = image.mean(axis=-1)
    return grey


def _stretch(image: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    low, high = np.percentile(image, 0.1), np.percentile(image, 99.9)
    stretched: npt.NDArray[np.float64] = (np.clip(image, low, high) - low) / (high - low)
    return stretched


def _save(image: npt.NDArray[np.float64], path: Path) -> None:
    Image.fromarray((image * 255).astype(np.uint8)).save(path)


def _is_bad(image: npt.NDArray[np.uint8]) -> bool:
    is_flat = bool(np.percentile(image, 0.1) == np.percentile(image, 99.9))
    return is_flat or len(np.unique(image)) == 2
