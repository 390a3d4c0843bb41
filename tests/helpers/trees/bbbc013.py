"""BBBC013: one well of each kind, two channels, the plate map file."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC013_v1_images_bmp"
WELLS = ("01-A-01", "02-A-02", "03-A-03", "12-A-12", "36-C-12", "49-E-01", "59-E-11", "96-H-12")
WORTMANNIN = ("0", "0", "0.977", "1.95", "3.91", "7.81", "15.63", "31.25", "62.5", "125", "250")
LY294002 = ("0", "0.31", "0.63", "1.25", "2.5", "5", "10", "20", "40", "80", "0")


def path(channel: int, well: str) -> str:
    return f"{FOLDER}/Channel{channel}-{well}.BMP"


def plate_map(first_of_lower_rows: str = "150") -> str:
    """A header line and 96 numbers, row by row."""
    upper, lower = [*WORTMANNIN, "150"], [first_of_lower_rows, *LY294002]
    return "DESCRIPTION dose\n" + "\n".join([*upper * 4, *lower * 4]) + "\n"


def make(root: Path) -> None:
    for channel in (1, 2):
        for well in WELLS:
            _write.image(root, path(channel, well))
    _write.text(root, "BBBC013_v1_platemap_all.txt", plate_map())
    _write.debris(root, path(1, WELLS[0]))


ROWS = 16
EXPECTED = {
    "bbbc013/Channel1-01-A01.BMP": {
        "files": path(1, "01-A-01"), "channels": "f_fkhr", "cell_visible": "", "compound": "",
        "control": "negative", "organism": "human", "cell_type": "u2os", "well": "A01",
        "microscopy": "fluorescence", "bit_depth": 8, "licence": "CC-BY-3.0",
    },
    "bbbc013/Channel2-02-A02.BMP": {"control": "empty", "compound": "", "cell_visible": "nucleus"},
    "bbbc013/Channel2-03-A03.BMP": {
        "compound": "wortmannin", "concentration": 0.977, "concentration_unit": "nm",
        "control": "",
    },
    "bbbc013/Channel2-36-C12.BMP": {
        "compound": "wortmannin", "concentration": 150.0, "control": "positive",
    },
    "bbbc013/Channel2-49-E01.BMP": {
        "compound": "wortmannin", "concentration": 150.0, "control": "positive",
    },
    "bbbc013/Channel1-59-E11.BMP": {
        "compound": "ly294002", "concentration": 80.0, "concentration_unit": "um",
    },
    "bbbc013/Channel2-96-H12.BMP": {"control": "negative", "compound": ""},
}  # fmt: skip
