"""BBBC011: both folders of labels, names of several kinds."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC011_v1_images"
FILES = (
    "L4440_rep1/L4440_rep1_A01_s1.png",
    "L4440_rep1/L4440_rep1_A01_s2.png",
    "L4440_rep1/worm 7.PNG",
    "daf-2_rep1/daf-2_rep1_B02_s1.png",
)


def make(root: Path) -> None:
    for file in FILES:
        _write.image(root, f"{FOLDER}/{file}", shape=(12, 16, 3))
    _write.debris(root, f"{FOLDER}/{FILES[0]}")


ROWS = 4
EXPECTED = {
    "bbbc011/L4440_rep1/L4440_rep1_A01_s1.png": {
        "files": f"{FOLDER}/{FILES[0]}", "phenotype": "wildtype", "gene": "",
        "control": "negative", "organism": "nematode", "cell_type": "", "cell_visible": "",
        "microscopy": "brightfield", "channels": "brightfield", "well": "A01",
        "plate": "L4440_rep1", "group": "bbbc011:L4440_rep1/A01", "licence": "unknown",
    },
    "bbbc011/L4440_rep1/worm 7.png": {
        "phenotype": "wildtype", "well": "", "group": "bbbc011:L4440_rep1/worm 7",
    },
    "bbbc011/daf-2_rep1/daf-2_rep1_B02_s1.png": {
        "phenotype": "fat", "gene": "daf-2 targeted", "control": "positive",
    },
}  # fmt: skip
