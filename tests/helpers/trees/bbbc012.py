"""BBBC012: three channels, GUIDs in square brackets, a thumbnail."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC012_v1_images"
GUID = "9AA4D9EA-1B2C-4D3E-8F40-5162738495A{}"


def path(strain: str, run: str, well: str, channel: int) -> str:
    return f"{FOLDER}/{strain}/{run}_{well}_w{channel}_[{GUID.format(channel)}].tif"


def make(root: Path) -> None:
    for strain, run in (("WT_plate2", "100210OrangePlt2"), ("pmk_plate2", "100210PmkPlt2")):
        for well in ("C16", "D02"):
            for channel in (1, 2, 3):
                _write.image(root, path(strain, run, well, channel), dtype="uint16", high=4095)
    thumbnail = f"{FOLDER}/WT_plate2/100210OrangePlt2_C16_w1_thumb{GUID.format(9)}.tif"
    _write.image(root, thumbnail)
    _write.debris(root, path("WT_plate2", "100210OrangePlt2", "C16", 1))


ROWS = 12
EXPECTED = {
    "bbbc012/WT_plate2/100210OrangePlt2_C16_w1.tif": {
        "files": path("WT_plate2", "100210OrangePlt2", "C16", 1), "microscopy": "brightfield",
        "channels": "brightfield", "cell_visible": "", "phenotype": "wildtype", "gene": "",
        "control": "negative", "organism": "nematode", "plate": "WT_plate2", "well": "C16",
        "group": "bbbc012:WT_plate2/C16", "field": "bbbc012/WT_plate2/100210OrangePlt2_C16",
    },
    "bbbc012/pmk_plate2/100210PmkPlt2_D02_w2.tif": {
        "microscopy": "fluorescence", "cell_visible": "intestine", "channels": "f_intestine",
        "phenotype": "infected", "gene": "pmk-1 targeted", "control": "positive",
    },
    "bbbc012/pmk_plate2/100210PmkPlt2_D02_w3.tif": {"cell_visible": "pharynx"},
}  # fmt: skip
