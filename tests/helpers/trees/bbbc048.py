"""BBBC048: three cells in three channels with their overlays."""

from __future__ import annotations

from pathlib import Path

from trees import _write

CELLS = ("Anaphase/30890", "G1/32380", "S/15619")


def path(cell: str, channel: int) -> str:
    return f"CellCycle/{cell}_Ch{channel}.ome.jpg"


def make(root: Path) -> None:
    for cell in CELLS:
        for channel in (3, 4, 6):
            _write.image(root, path(cell, channel), shape=(66, 66))
        _write.image(root, f"CellCycle/{cell}_merged.jpg", shape=(66, 66, 3))
    _write.text(root, "Ground_truth.lst", "0\t0\t../data/CellCycle/Anaphase/30890_merged.jpg\n")
    _write.debris(root, path(CELLS[0], 3))


ROWS = 9
EXPECTED = {
    "bbbc048/anaphase/30890_Ch3.ome.jpg": {
        "files": path("Anaphase/30890", 3), "phenotype": "anaphase", "cell_visible": "",
        "channels": "brightfield", "microscopy": "brightfield", "organism": "human",
        "cell_type": "jurkat", "group": "bbbc048:30890", "field": "bbbc048/anaphase/30890",
        "licence": "unknown",
    },
    "bbbc048/g1/32380_Ch4.ome.jpg": {
        "phenotype": "g1", "cell_visible": "nucleus", "channels": "f_nucleus",
        "microscopy": "fluorescence",
    },
    "bbbc048/s/15619_Ch6.ome.jpg": {
        "phenotype": "s", "microscopy": "darkfield", "cell_visible": "",
    },
}  # fmt: skip
