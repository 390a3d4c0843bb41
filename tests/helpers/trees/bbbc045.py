"""BBBC045: full-size montages of float32, partly filled, of two donors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trees import _write

SIDE, CELL = 1650, 55
FILES = (
    "CRF022/B/batch1/ch1_1.tif",
    "CRF022/B/batch1/ch5_1.tif",
    "CRF022/Neutrophil/batch2/ch3_12.tif",
    "CRF_2015/T/batch1/ch6_1.tif",
)


def path(file: str) -> str:
    return f"Stained_Montages/{file}"


def montage(name: str) -> np.ndarray:
    """Small values, as 16-bit counts over 65535; black from the last cell on."""
    cells = _write.pixels(name, (2, 4), "float32") * np.float32(0.01)
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[: 2 * CELL, : 4 * CELL] = np.kron(cells, np.ones((CELL, CELL), np.float32))
    return picture


def make(root: Path) -> None:
    for file in FILES:
        _write.image(root, path(file), array=montage(file), compression="zlib")
    _write.debris(root, path(FILES[0]))


ROWS = 4
EXPECTED = {
    "bbbc045/CRF022/B/batch1/ch1_1.tif#region=0,715,0,825": {
        "files": path("CRF022/B/batch1/ch1_1.tif") + "#region=0,715,0,825",
        "cell_type": "white blood cell|b-cell", "organism": "human", "channels": "channel_1",
        "microscopy": "", "cell_visible": "", "phenotype": "", "site": "1",
        "batch": "CRF022/batch1", "group": "bbbc045:CRF022",
        "field": "bbbc045/CRF022/B/batch1/1", "licence": "CC0-1.0",
    },
    "bbbc045/CRF022/Neutrophil/batch2/ch3_12.tif#region=0,715,0,825": {
        "cell_type": "white blood cell|neutrophil", "site": "12",
    },
    "bbbc045/CRF_2015/T/batch1/ch6_1.tif#region=0,715,0,825": {
        "cell_type": "white blood cell|t-cell", "group": "bbbc045:CRF_2015",
    },
}  # fmt: skip
