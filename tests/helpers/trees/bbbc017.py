"""BBBC017: wells of four plates as DIB files, and the spreadsheet with its three odd plates."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from trees import _workbook, _write

RUNS = {
    "NIRHTa+001": "AS_09125_050116000001",
    "NIRHTa-001": "AS_09125_050116110001",
    "NIRHTa-002": "AS_09125_050115070001",
    "NIRHTa+014": "AS_09125_050120000001",
}
HEADER = ("384well-index", "384-Plate#", "384-well", "senseOligoId", "gene name", "class")
GENES = (
    (1, "A01", "NM_008067-305s1c1", "Gabra3", "NONE"),
    (1, "A02", "EMPTY", "EMPTY", ""),
    (2, "A01", "", "shLamin", ""),
    (2, "A02", "NM_002751-424s1c1", "MAPK11", "kinase"),
    (14, "A01", "NM_000294-673s1c1", "NEVER", "kinase"),
    (14, "A02", "NM_000294-673s1c1", "NEVER", "kinase"),
    (15, "A01", "NM_004759-1c1", "MAPKAPK2", "kinase;kinase_camk;kinase"),
    (15, "A02", "PRED10-997s1c1", "UNK", "kinase"),
)


def path(plate: str, well: str, site: int, channel: int) -> str:
    return f"{plate}/{RUNS[plate]}_{well}f{site:02d}d{channel}.DIB"


def dib(pixels: np.ndarray) -> bytes:
    """A Cellomics DIB: the header without BM, 16 bits, pixels from byte 52, first row first."""
    height, width = pixels.shape
    header = struct.pack("<iiihhiiiiii", 40, width, height, 1, 16, 0, pixels.nbytes, 0, 0, 0, 0)
    return header.ljust(52, b"\0") + pixels.astype("<u2").tobytes()


def make(root: Path) -> None:
    for plate in RUNS:
        for well in ("A01", "A02"):
            for site in (0, 5):
                for channel in (0, 1, 2):
                    name = path(plate, well, site, channel)
                    pixels = _write.pixels(name, dtype="uint16", high=4095)
                    _write.raw(root, name, dib(pixels))
    rows = [(number, *gene) for number, gene in enumerate(GENES, 1)]
    _write.raw(root, "BBBC017_v1_metadata.xls", _workbook.workbook(HEADER, rows))
    _write.debris(root, path("NIRHTa+001", "A01", 0, 0))


def files(plate: str, well: str, site: int) -> str:
    return "|".join(path(plate, well, site, channel) for channel in (0, 1, 2))


ROWS = 16
EXPECTED = {
    "bbbc017/NIRHTa+001/AS_09125_050116000001_A01f00": {
        "files": files("NIRHTa+001", "A01", 0), "gene": "gabra3 targeted", "control": "",
        "channels": "f_nucleus|f_mitosis|f_actin", "cell_visible": "nucleus|actin",
        "organism": "human", "cell_type": "ht29", "microscopy": "fluorescence", "phenotype": "",
        "sirna": "", "plate": "NIRHTa+001", "well": "A01", "site": "00",
        "batch": "with puromycin", "group": "bbbc017:NIRHTa+001/A01", "missing": "",
        "licence": "CC-BY-NC-SA-3.0",
    },
    "bbbc017/NIRHTa-001/AS_09125_050116110001_A02f05": {
        "gene": "", "control": "empty", "batch": "without puromycin",
    },
    "bbbc017/NIRHTa-002/AS_09125_050115070001_A01f00": {"gene": "", "control": "shlamin"},
    "bbbc017/NIRHTa-002/AS_09125_050115070001_A02f00": {"gene": "mapk11 targeted"},
    "bbbc017/NIRHTa+014/AS_09125_050120000001_A01f00": {"gene": "mapkapk2 targeted"},
    "bbbc017/NIRHTa+014/AS_09125_050120000001_A02f00": {"gene": "", "control": ""},
}  # fmt: skip
