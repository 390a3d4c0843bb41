"""BBBC014: four wells, the plate map with its mixed line ends."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC014_v1_images"
WELLS = ("01-A-01", "48-D-12", "49-E-01", "96-H-12")
# Twelve doses of a made-up series: of the real one only both ends are known.
DOSES = tuple(f"10^{-7 - 0.5 * number:g}" for number in range(12))


def plate_map() -> str:
    """A header and 96 entries; the line ends change from row to row."""
    rows = ["\r\n".join(DOSES), "\r".join(DOSES), "\n".join(DOSES), "\r\n".join(DOSES)] * 2
    return "TNFa concentration [M] \xb5\r\n" + "\r\n".join(rows) + "\r\n"


def path(channel: int, well: str) -> str:
    return f"{FOLDER}/Channel {channel}-{well}-00.Bmp"


def make(root: Path) -> None:
    for well in WELLS:
        for channel in (1, 2):
            _write.image(root, path(channel, well))
    _write.text(root, "BBBC014_v1_platemap_all.txt", plate_map(), encoding="latin-1")
    _write.raw(root, "BBBC014_v1_platemap.xls", b"\xd0\xcf\x11\xe0")
    _write.debris(root, path(1, WELLS[0]))


ROWS = 8
EXPECTED = {
    "bbbc014/A01_00_channel1.bmp": {
        "files": path(1, "01-A-01"), "channels": "f_nfkb", "cell_visible": "",
        "cell_type": "mcf7", "compound": "tnf alpha", "concentration": 0.1,
        "concentration_unit": "um", "well": "A01", "site": "00", "group": "bbbc014:A01",
        "organism": "human", "microscopy": "fluorescence", "licence": "CC-BY-3.0",
    },
    "bbbc014/A01_00_channel2.bmp": {"channels": "f_nucleus", "cell_visible": "nucleus"},
    "bbbc014/D12_00_channel2.bmp": {"cell_type": "mcf7", "concentration": 10**-6.5},
    "bbbc014/E01_00_channel2.bmp": {"cell_type": "a549", "concentration": 0.1},
    "bbbc014/H12_00_channel1.bmp": {"cell_type": "a549", "concentration": 10**-6.5},
}  # fmt: skip
