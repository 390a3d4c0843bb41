"""BBBC010: one living and one dead well, masks beside them."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC010_v2_images"
STEM = "1649_1109_0003_Amp5-1_B_20070424"
GUIDS = {
    "C01_w1": "10E01AFB-34C4-416E-A9D3-51B90AB53728",
    "C01_w2": "CB2F18CD-EDF0-4BCD-98CF-3A07E5A582FF",
    "C12_w1": "10E01AFB-34C4-416E-A9D3-51B90AB53721",
    "C12_w2": "CB2F18CD-EDF0-4BCD-98CF-3A07E5A582F1",
    "E13_w1": "10E01AFB-34C4-416E-A9D3-51B90AB53722",
    "E13_w2": "CB2F18CD-EDF0-4BCD-98CF-3A07E5A582F2",
}


def path(plane: str) -> str:
    return f"{FOLDER}/{STEM}_{plane}_{GUIDS[plane]}.tif"


def make(root: Path) -> None:
    for plane in GUIDS:
        _write.image(root, path(plane), dtype="uint16", high=4095)
    _write.image(root, "BBBC010_v1_foreground/C01_binary.png")
    _write.image(root, "BBBC010_v1_foreground_eachworm/C01_01_ground_truth.png")
    _write.debris(root, path("C01_w1"))


ROWS = 6
EXPECTED = {
    "bbbc010/C01_w1.tif": {
        "files": path("C01_w1"), "microscopy": "fluorescence", "channels": "f_dead cells",
        "phenotype": "wildtype", "compound": "ampicillin", "organism": "nematode",
        "cell_type": "", "cell_visible": "", "well": "C01", "field": "bbbc010/C01",
        "group": "bbbc010:bbbc010/C01", "licence": "unknown",
    },
    "bbbc010/C01_w2.tif": {"microscopy": "brightfield", "channels": "brightfield"},
    "bbbc010/C12_w1.tif": {"phenotype": "wildtype", "compound": "ampicillin"},
    "bbbc010/E13_w1.tif": {"phenotype": "dead", "compound": ""},
    "bbbc010/E13_w2.tif": {"phenotype": "dead", "microscopy": "brightfield"},
}  # fmt: skip
