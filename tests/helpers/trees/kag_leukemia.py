"""Leukemia Classification: numbered names in two phases, twins in two subjects, h3 beside H10."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trees import _write

TOP = "C-NMC_Leukemia"
TRAINING = f"{TOP}/training_data"
PRELIMINARY = f"{TOP}/validation_data/C-NMC_test_prelim_phase_data"
FINAL = f"{TOP}/testing_data/C-NMC_test_final_phase_data"
TABLE = f"{TOP}/validation_data/C-NMC_test_prelim_phase_data_labels.csv"


def _cell(name: str, side: int = 16) -> np.ndarray:
    """A cell on black: only the middle of the picture holds anything."""
    picture = np.zeros((side, side, 3), np.uint8)
    inner = slice(side // 4, side - side // 4)
    picture[inner, inner] = _write.pixels(name, (side // 2, side // 2, 3))
    return picture


def make(root: Path) -> None:
    cells = {
        f"{TRAINING}/fold_0/all/UID_20_1_1_all.bmp": "twin",
        f"{TRAINING}/fold_2/all/UID_21_4_2_all.bmp": "twin",
        f"{TRAINING}/fold_0/all/UID_11_10_1_all.bmp": "a",
        f"{TRAINING}/fold_1/hem/UID_H10_3_1_hem.bmp": "b",
        f"{TRAINING}/fold_2/hem/UID_h3_1_1_hem.bmp": "c",
        f"{PRELIMINARY}/1.bmp": "d",
        f"{PRELIMINARY}/2.bmp": "e",
    }
    for path, name in cells.items():
        _write.image(root, path, array=_cell(name))
    for number in (1, 2, 3):
        _write.image(root, f"{FINAL}/{number}.bmp", array=_cell(f"final {number}", 20))
    table = (
        "Patient_ID,new_names,labels\r\n"
        "UID_57_29_1_all.bmp,1.bmp,1\r\nUID_H49_35_4_hem.bmp,2.bmp,0\r\n"
    )
    _write.text(root, TABLE, table)
    _write.debris(root, f"{FINAL}/1.bmp")


ROWS = 10
EXPECTED = {
    "kag_leukemia/fold_0/UID_20_1_1_all.bmp": {
        "files": f"{TRAINING}/fold_0/all/UID_20_1_1_all.bmp", "phenotype": "leukemia",
        "cell_type": "white blood cell", "organism": "human", "microscopy": "brightfield",
        "group": "kag_leukemia:20+21", "segmented": True, "batch": "fold_0", "excluded": "",
        "licence": "CC-BY-3.0",
    },
    "kag_leukemia/fold_2/UID_21_4_2_all.bmp": {"group": "kag_leukemia:20+21"},
    "kag_leukemia/fold_0/UID_11_10_1_all.bmp": {"group": "kag_leukemia:11"},
    "kag_leukemia/fold_1/UID_H10_3_1_hem.bmp": {
        "phenotype": "wildtype", "group": "kag_leukemia:H10",
    },
    "kag_leukemia/fold_2/UID_h3_1_1_hem.bmp": {
        "phenotype": "wildtype", "group": "kag_leukemia:H3",
    },
    "kag_leukemia/prelim/1.bmp": {
        "phenotype": "leukemia", "group": "kag_leukemia:57", "files": f"{PRELIMINARY}/1.bmp",
    },
    "kag_leukemia/prelim/2.bmp": {"phenotype": "wildtype", "group": "kag_leukemia:H49"},
    "kag_leukemia/final/1.bmp": {
        "phenotype": "", "group": "kag_leukemia:final", "files": f"{FINAL}/1.bmp",
        "cell_type": "white blood cell", "excluded": "", "segmented": True,
    },
}  # fmt: skip
