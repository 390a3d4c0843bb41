"""Kinome Atlas: colour pages, stacks of two pages, the mapping to families."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FAMILIES = (("53464.zip", "AGC"), ("53465.zip", "AGC"), ("54527.zip", "TKL"))


def make(root: Path) -> None:
    _write.image(root, "53464.tif", shape=(12, 16, 3))
    _write.image(root, "54527/54527.TIF", shape=(2, 12, 16), dtype="uint16")
    _write.image(root, "53366.ome.tif", shape=(12, 16))
    _write.image(root, "53464.jpg", shape=(12, 16, 3))
    _write.csv(root, "cil_kinome_mapping.csv", ("file_name", "kinase"), FAMILIES)
    _write.debris(root, "53464.tif")


ROWS = 3
EXPECTED = {
    "cil_kinome/53464": {
        "files": "53464.tif", "cell_visible": "kinase|agc kinase",
        "channels": "f_nucleus|f_protein", "organism": "human", "cell_type": "hela",
        "microscopy": "confocal", "missing": "", "field": "cil_kinome/53464",
        "group": "cil_kinome:cil_kinome/53464", "licence": "unknown",
    },
    "cil_kinome/54527": {
        "files": "54527/54527.TIF|54527/54527.TIF#plane=1", "missing": "",
        "cell_visible": "kinase|tkl kinase", "channels": "f_nucleus|f_protein",
    },
    "cil_kinome/53366": {"files": "53366.ome.tif", "cell_visible": "kinase"},
}  # fmt: skip
