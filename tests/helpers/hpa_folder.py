"""A small simulated download of the HPA competition: patterns in the green channel tell the labels.

One cell in the middle of an image: blue its nucleus, red the whole cell, yellow a ring between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from trees import _write

COLOURS = ("red", "green", "blue", "yellow")
SIDE = 32
# Structure -> where it is, from radius and angle of a pixel; radius 1 is the edge of the cell.
PATTERNS: dict[int, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    0: lambda radius, angle: radius < 0.4,
    2: lambda radius, angle: radius < 0.15,
    21: lambda radius, angle: abs(radius - 1) < 0.1,
    23: lambda radius, angle: (radius > 0.5) & (radius < 0.9) & (np.sin(8 * angle) > 0.3),
    25: lambda radius, angle: (radius > 0.45) & (radius < 0.95),
    17: lambda radius, angle: (abs(np.sin(angle)) < 0.3) & (radius < 0.9),
}
COMMON, RARE = (0, 2, 21, 23, 25), 17


def uuid(number: int) -> str:
    """The id of an image."""
    text = hashlib.sha256(f"hpa {number}".encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


def labels(number: int) -> tuple[int, ...]:
    """One label or two; every 25th image has the rare one."""
    first = RARE if number % 25 == 7 else COMMON[number % 5]
    second = COMMON[number // 5 % 5]
    return tuple(sorted({first, second} if number % 3 == 0 else {first}))


def image(number: int, structures: Sequence[int], side: int = SIDE) -> np.ndarray:
    """[side, side, 4] uint8 in the order of `COLOURS`; the cell lies a bit elsewhere each time."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[:side, :side] / side - 0.5 + rng.uniform(-0.05, 0.05, (2, 1, 1))
    size = rng.uniform(0.36, 0.44)
    radius, angle = np.hypot(x, y) / size, np.arctan2(y, x) + rng.uniform(0, 6)
    green = np.any([PATTERNS[s](radius, angle) for s in structures], axis=0)
    planes = [radius < 1, green, radius < 0.4, (radius > 0.4) & (radius < 0.7)]
    light = np.array([120, 200, 160, 100])
    clean = np.stack(planes, axis=-1) * light
    return np.clip(clean + rng.normal(8, 4, clean.shape), 0, 255).astype(np.uint8)


def write_image(root: Path, folder: str, name: str, pixels: np.ndarray, suffix: str = ".png"):
    """One file per colour."""
    for channel, colour in enumerate(COLOURS):
        path = f"kag_hpa/{folder}/{name}_{colour}{suffix}"
        _write.image(root, path, array=np.ascontiguousarray(pixels[..., channel]))


def make(root: Path, count: int = 40, unlabelled: int = 3, side: int = SIDE) -> None:
    """Writes `kag_hpa` below root: `count` labelled images, then the ones without labels."""
    for number in range(count + unlabelled):
        folder = "train" if number < count else "test"
        write_image(root, folder, uuid(number), image(number, labels(number), side))
    # The competition's order of numbers is arbitrary.
    rows = [[uuid(n), " ".join(map(str, reversed(labels(n))))] for n in range(count)]
    _write.csv(root, "kag_hpa/train.csv", ["Id", "Target"], rows)
    rows = [[uuid(n), "0"] for n in range(count, count + unlabelled)]
    _write.csv(root, "kag_hpa/sample_submission.csv", ["Id", "Predicted"], rows)
    _write.debris(root / "kag_hpa", f"train/{uuid(0)}_blue.png")
