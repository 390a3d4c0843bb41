"""BBBC025: two wells of two plates in five folders each."""

from __future__ import annotations

from pathlib import Path

from trees import _write

GUID = "0c9e4dbf-b710-488a-94f8-fb769a829474"
DIGITS = {"Hoechst": 1, "ERSyto": 2, "ERSytoBleed": 3, "PhGolgi": 4, "Mito": 5}


def path(plate: int, dye: str, well: str, site: int) -> str:
    stem = f"cellpaintingfollowup-reimage_{well}_s{site}_w{DIGITS[dye]}{GUID}"
    return f"{plate}_{dye}/{stem}.tif"


def make(root: Path) -> None:
    for plate in (37983, 38034):
        for dye in DIGITS:
            for well in ("a01", "f08"):
                _write.image(root, path(plate, dye, well, 8), dtype="uint16")
    _write.debris(root, path(37983, "Mito", "a01", 8))


ROWS = 20
EXPECTED = {
    "bbbc025/37983/F08_s8_Mito.tif": {
        "files": path(37983, "Mito", "f08", 8), "cell_visible": "mitochondria",
        "channels": "f_mitochondria", "organism": "human", "cell_type": "u2os",
        "plate": "37983", "well": "F08", "site": "8", "group": "bbbc025:37983/F08",
        "gene": "", "sirna": "", "phenotype": "", "field": "bbbc025/37983/F08_s8",
        "licence": "CC0-1.0",
    },
    "bbbc025/38034/A01_s8_ERSyto.tif": {"cell_visible": "er"},
    "bbbc025/38034/A01_s8_ERSytoBleed.tif": {"cell_visible": "nucleoli|rna"},
    "bbbc025/38034/A01_s8_Hoechst.tif": {"cell_visible": "nucleus"},
    "bbbc025/38034/A01_s8_PhGolgi.tif": {"cell_visible": "actin|golgi apparatus|plasma membrane"},
}  # fmt: skip
