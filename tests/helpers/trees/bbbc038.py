"""BBBC038: fluorescence, transmitted light and stained tissue in three stages, with masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trees import _write

DARK = "13c8ff1f" * 8
STAINED = "220b37f4" * 8
BRIGHT = "29ea4f6e" * 8
FALSE_COLOUR = "a0afead3" * 8
DEEP = "bbfc4aab" * 8


def path(stage: str, name: str) -> str:
    return f"{stage}/{name}/images/{name}.png"


def rgba(low: int, high: int, tint: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """An opaque picture with values in [low, high], each channel times its tint."""
    grey = _write.pixels(f"{low} {high}", high=high - low) + np.uint8(low)
    colour = [(grey * factor).astype(np.uint8) for factor in tint]
    return np.stack([*colour, np.full_like(grey, 255)], axis=-1)


def make(root: Path) -> None:
    _write.image(root, path("stage1_train", DARK), array=rgba(0, 30))
    _write.image(root, f"stage1_train/{DARK}/masks/{'07f82ae3' * 8}.png")
    _write.image(root, f"stage1_train/{DARK}/masks/{'0f3f3080' * 8}.png")
    _write.image(root, path("stage1_train", STAINED), array=rgba(180, 250, (0.9, 0.6, 1)))
    _write.image(root, path("stage1_test", BRIGHT), array=rgba(180, 250))
    _write.image(root, path("stage2_test_final", FALSE_COLOUR), array=rgba(0, 40, (0, 1, 0)))
    _write.image(root, path("stage2_test_final", DEEP), dtype="uint16", high=4095)
    _write.csv(root, "stage1_train_labels.csv", ["ImageId", "EncodedPixels"], [[DARK, "1 1"]])
    _write.debris(root, path("stage1_train", DARK))


ROWS = 5
EXPECTED = {
    f"bbbc038/{DARK}.png": {
        "files": path("stage1_train", DARK), "excluded": "", "microscopy": "fluorescence",
        "channels": "f_nucleus", "cell_visible": "nucleus", "organism": "human|mouse|fly",
        "batch": "stage1_train", "licence": "CC0-1.0",
    },
    f"bbbc038/{STAINED}.png": {"excluded": "histopathology", "microscopy": "brightfield"},
    f"bbbc038/{BRIGHT}.png": {
        "excluded": "", "microscopy": "brightfield", "channels": "brightfield",
        "batch": "stage1_test",
    },
    f"bbbc038/{FALSE_COLOUR}.png": {"excluded": "", "microscopy": "fluorescence"},
    f"bbbc038/{DEEP}.png": {"excluded": "", "microscopy": "fluorescence"},
}  # fmt: skip
