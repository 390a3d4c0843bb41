"""BBBC020: spaces and parentheses, overlays, outlines in a folder that lacks a B."""

from __future__ import annotations

from pathlib import Path

from trees import _write

FOLDER = "BBBC020_v1_images"
SETS = ("jw-1h 1", "jw-15min 5", "jw-Kontrolle1")


def path(field: str, channel: str) -> str:
    return f"{FOLDER}/{field}/{field}_{channel}.TIF"


def make(root: Path) -> None:
    for field in SETS:
        for channel in ("c1", "c5", "(c1+c5)"):
            name = path(field, channel)
            pixels = _write.pixels(name, (12, 16, 3))
            if channel == "c5":
                pixels[..., :2] = 0  # pseudo-colour: blue alone
            _write.image(root, name, array=pixels)
    _write.image(root, "BBC020_v1_outlines_nuclei/jw-1h 1_c5_12.TIF")
    _write.raw(root, "BBC020_v1_outlines_nuclei/jw-15min 5_c5_43.TIF")
    _write.image(root, "BBBC020_v1_outlines_cells/jw-1h 1_c1_3.TIF")
    _write.debris(root, path(SETS[0], "c1"))


ROWS = 6
EXPECTED = {
    "bbbc020/jw-1h 1_c1.TIF": {
        "files": path("jw-1h 1", "c1"), "cell_visible": "cell membrane",
        "channels": "f_cell_membrane", "organism": "mouse", "cell_type": "macrophage",
        "microscopy": "fluorescence", "batch": "1h", "site": "1", "control": "",
        "group": "bbbc020:bbbc020/jw-1h 1", "licence": "CC-BY-NC-SA-3.0",
    },
    "bbbc020/jw-15min 5_c5.TIF": {"cell_visible": "nucleus", "batch": "15min", "site": "5"},
    "bbbc020/jw-Kontrolle1_c5.TIF": {"control": "negative", "batch": "Kontrolle"},
}  # fmt: skip
