"""BBBC006: the plane in use, one other plane, labels."""

from __future__ import annotations

from pathlib import Path

from trees import _write

GUID = "97083f74-b742-4ab9-ae46-d58ae8bfa7b{}"


def _name(well: str, site: int, channel: int, digit: int) -> str:
    return f"mcf-z-stacks-03212011_{well}_s{site}_w{channel}{GUID.format(digit)}.tif"


def make(root: Path) -> None:
    for plane, digit in (("16", 6), ("20", 7)):
        for well in ("a01", "p24"):
            for site in (1, 2):
                for channel in (1, 2):
                    name = _name(well, site, channel, digit)
                    path = f"BBBC006_v1_images_z_{plane}/{name}"
                    _write.image(root, path, dtype="uint16", high=4095, compression="lzw")
    _write.image(root, "BBBC006_v1_labels/mcf-z-stacks-03212011_a01_s1.png")
    # The data rows have a comma more than the header.
    counts = "Image_Count_Nuclei,Image_FileName_OrigDAPI,Image_Metadata_Site,Image_Metadata_Well\n"
    counts += f'7,"{_name("a01", 1, 1, 6)}",1,"a01",\n'
    _write.text(root, "BBBC006_v1_counts.csv", counts)
    _write.debris(root, f"BBBC006_v1_images_z_16/{_name('a01', 1, 1, 6)}")


ROWS = 16
EXPECTED = {
    "bbbc006/z_16/a01_s1_w1.tif": {
        "files": f"BBBC006_v1_images_z_16/{_name('a01', 1, 1, 6)}",
        "cell_visible": "nucleus", "channels": "f_nucleus", "cell_type": "u2os",
        "organism": "human", "microscopy": "fluorescence", "well": "A01", "site": "1",
        "group": "bbbc006:a01", "excluded": "", "bit_depth": 12, "licence": "CC0-1.0",
    },
    "bbbc006/z_16/p24_s2_w2.tif": {"cell_visible": "actin", "well": "P24", "site": "2"},
    "bbbc006/z_20/a01_s1_w1.tif": {"excluded": "other focal plane"},
}  # fmt: skip
SPARE = "bbbc006/z_20/p24_s2_w2.tif"
