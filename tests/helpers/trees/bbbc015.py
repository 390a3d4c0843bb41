"""BBBC015: first and last well, JPEG with three equal planes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trees import _write

FOLDER = "BBBC015_v1_images"


def make(root: Path) -> None:
    for number in (49, 54, 84):
        for site in (1, 4):
            for channel in (0, 1):
                name = f"{FOLDER}/{number}_{site}_{channel}.JPG"
                grey = _write.pixels(name)
                _write.image(root, name, array=np.repeat(grey[..., None], 3, axis=2))
    _write.text(root, "BBBC015_v1_platemap.txt", "DESCRIPTION dose\n1\n")
    _write.debris(root, f"{FOLDER}/49_1_0.JPG")


ROWS = 12
EXPECTED = {
    "bbbc015/49_1_0.JPG": {
        "files": f"{FOLDER}/49_1_0.JPG", "well": "E01", "site": "1", "group": "bbbc015:E01",
        "compound": "isoproterenol", "concentration": 1000.0, "concentration_unit": "nm",
        "cell_visible": "nucleus|cell membrane", "organism": "human", "cell_type": "u2os",
        "microscopy": "fluorescence", "licence": "CC-BY-3.0", "field": "bbbc015/49_1",
    },
    "bbbc015/54_4_1.JPG": {"well": "E06", "concentration": 4.1},
    "bbbc015/84_4_1.JPG": {
        "well": "G12", "concentration": 0.0056, "cell_visible": "nucleus|cell membrane",
    },
}  # fmt: skip
