"""BBBC026: both control columns, one between, and the ground truth."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC026_v1_images"
PLATE = "ADSASS092408-GHAD2-D6-20x"
GUID = "D751105E-2D33-485F-9FF9-061C4CB2F27A"


def path(well: str, site: int) -> str:
    return f"{FOLDER}/{PLATE}_{well}_s{site}_w1{GUID}.png"


def make(root: Path) -> None:
    for well in ("A01", "C03", "O23"):
        for site in (1, 9):
            _write.image(root, path(well, site))
    _write.image(root, "BBBC026_GT_images/hepatocytes 1.png")
    _write.debris(root, path("A01", 1))


ROWS = 6
EXPECTED = {
    f"bbbc026/{PLATE}_A01_s1_w1.png": {
        "files": path("A01", 1), "organism": "human|mouse", "cell_type": "hepatocyte|fibroblast",
        "cell_visible": "nucleus", "channels": "f_nucleus", "microscopy": "fluorescence",
        "control": "negative", "plate": PLATE, "well": "A01", "site": "1",
        "group": f"bbbc026:{PLATE}_A01", "licence": "CC-BY-3.0",
    },
    f"bbbc026/{PLATE}_C03_s9_w1.png": {"control": ""},
    f"bbbc026/{PLATE}_O23_s9_w1.png": {"control": "positive"},
}  # fmt: skip
