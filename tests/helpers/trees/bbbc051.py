"""BBBC051: stacks of seven planes, inner archives unpacked in both ways."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FILES = (
    "F33/TAL/TAL/All_3D/object_38359_333__4395__44_1.tif",
    "F33/CD31_glom/All_3D/object_1_10__20__30_1.tif",
    "F44/CD45.1/All_3D/object_2_10__20__30_1.tif",
    "F44/S1S2/All_3D/object_3_11__21__31_1.tif",
    "F59/Mystery/All_3D/object_3_11__21__31_1.tif",
)


def path(file: str) -> str:
    return f"Images/{file}"


def make(root: Path) -> None:
    for file in FILES:
        _write.image(root, path(file), shape=(7, 32, 32))
    _write.text(root, "groundtruthlabels.txt", "TAL\n")
    _write.debris(root, path(FILES[0]))


ROWS = 5
EXPECTED = {
    "bbbc051/F33/TAL/object_38359_333__4395__44_1.tif#plane=3": {
        "files": f"{path(FILES[0])}#plane=3", "cell_type": "thick ascending limb",
        "cell_visible": "nucleus", "channels": "f_nucleus", "microscopy": "confocal",
        "organism": "human", "batch": "F33", "excluded": "",
        "group": "bbbc051:F33/object_38359_333__4395__44_1", "licence": "unknown",
    },
    "bbbc051/F33/CD31_glom/object_1_10__20__30_1.tif#plane=3": {"cell_type": "endothelial"},
    "bbbc051/F44/CD45.1/object_2_10__20__30_1.tif#plane=3": {"cell_type": "white blood cell"},
    "bbbc051/F44/S1S2/object_3_11__21__31_1.tif#plane=3": {
        "cell_type": "proximal tubule segments",
    },
    "bbbc051/F59/Mystery/object_3_11__21__31_1.tif#plane=3": {
        "cell_type": "", "excluded": "unlabelled",
    },
}  # fmt: skip
