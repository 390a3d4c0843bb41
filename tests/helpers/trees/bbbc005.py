"""BBBC005: two scenes at two blurs, and masks in two folders under the names of the images."""

from __future__ import annotations

from pathlib import Path

from trees import _write

IMAGES = "BBBC005_v1_images"
SCENES = ("A14_C57_F1_s21", "P14_C57_F48_s21", "A01_C1_F1_s01")
MASKED = "A14_C57_F1_s21"
MASKS = ("BBBC005_v1_ground_truth", "synthetic_2_ground_truth")


def path(folder: str, scene: str, stain: int) -> str:
    return f"{folder}/SIMCEPImages_{scene}_w{stain}.TIF"


def make(root: Path) -> None:
    for stain in (1, 2):
        for scene in SCENES:
            _write.image(root, path(IMAGES, scene, stain))
        for folder in MASKS:
            _write.image(root, path(folder, MASKED, stain), high=1)
    _write.raw(root, f"{MASKS[0]}/.htaccess", b"Options +Indexes\n")
    _write.text(root, "BBBC005_results_bray.csv", "Image,Focus\n")
    _write.debris(root, path(IMAGES, MASKED, 1))


ROWS = 10
EXPECTED = {
    "bbbc005/A14_C57_F1_s21_w1.TIF": {
        "files": path(IMAGES, MASKED, 1), "cell_visible": "cell body", "channels": "f_cell_body",
        "organism": "human", "cell_type": "u2os", "microscopy": "fluorescence", "well": "A14",
        "site": "21", "group": "bbbc005:C57_s21", "excluded": "", "licence": "CC0-1.0",
    },
    "bbbc005/P14_C57_F48_s21_w2.TIF": {
        "cell_visible": "nucleus", "channels": "f_nucleus", "group": "bbbc005:C57_s21",
        "well": "P14",
    },
    "bbbc005/BBBC005_v1_ground_truth/A14_C57_F1_s21_w1.TIF": {
        "files": path(MASKS[0], MASKED, 1), "excluded": "label mask", "cell_visible": "cell body",
        "channels": "mask_cell_body", "group": "bbbc005:C57_s21",
    },
    "bbbc005/synthetic_2_ground_truth/A14_C57_F1_s21_w2.TIF": {"excluded": "label mask"},
}  # fmt: skip
SPARE = "bbbc005/A01_C1_F1_s01_w2.TIF"
