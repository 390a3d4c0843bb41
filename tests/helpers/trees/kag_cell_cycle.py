"""Cell Cycle Experiments: crops of three photographs, and the Jurkat part that is not used."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "nematode cells/nematode cells"
JURKAT = "jurkat cells (merged only)/jurkat cells (merged only)"
CROPS = (
    "interphase/IMG_1667-1.jpg", "interphase/IMG_1681-9.jpg", "mitosis/IMG_1681-1.jpg",
    "mitosis/IMG_1715-7.jpg",
)  # fmt: skip


def make(root: Path) -> None:
    for crop in CROPS:
        _write.image(root, f"{FOLDER}/{crop}", shape=(16, 16, 3))
    _write.image(root, f"{JURKAT}/G1-G2-S/17_merged.jpg", shape=(16, 16, 3))
    _write.image(root, f"{JURKAT}/Anaphase/4_merged.jpg", shape=(16, 16, 3))
    _write.debris(root, f"{FOLDER}/{CROPS[0]}")


ROWS = 4
EXPECTED = {
    "kag_cell_cycle/interphase/IMG_1667-1.jpg": {
        "files": f"{FOLDER}/interphase/IMG_1667-1.jpg", "organism": "nematode",
        "cell_type": "", "cell_visible": "nucleus", "phenotype": "interphase",
        "microscopy": "brightfield", "group": "kag_cell_cycle:IMG_1667",
    },
    "kag_cell_cycle/interphase/IMG_1681-9.jpg": {
        "phenotype": "interphase", "group": "kag_cell_cycle:IMG_1681",
    },
    "kag_cell_cycle/mitosis/IMG_1681-1.jpg": {
        "phenotype": "mitosis", "group": "kag_cell_cycle:IMG_1681",
    },
}  # fmt: skip
