"""BBBC022: three wells of two plates in five folders each, and a table with broken lines."""

from __future__ import annotations

from pathlib import Path

from trees import _write

GUID = "64FBEEF7-F77C-4892-86F5-72D0160D4F{:02d}"
CHANNELS = {"ER": 2, "Hoechst": 1, "Mito": 5, "Ph_golgi": 4, "Syto": 3}
HEADER = (
    "ImageNumber",
    *(f"Image_FileName_Orig{name}" for name in CHANNELS),
    "Image_Metadata_ASSAY_WELL_ROLE", "Image_Metadata_BROAD_ID", "Image_Metadata_CLSID",
    "Image_Metadata_CPD_MMOL_CONC", "Image_Metadata_CPD_PLATE_MAP_NAME",
    "Image_Metadata_CPD_SMILES", "Image_Metadata_CPD_WELL_POSITION", "Image_Metadata_PlateID",
    "Image_Metadata_SOURCE_COMPOUND_NAME", "Image_Metadata_SOURCE_NAME", "Image_Metadata_Site",
    "Image_Metadata_Time", *(f"Image_PathName_Orig{name}" for name in CHANNELS),
)  # fmt: skip
WELLS = {
    "A01": ("compound", "8.858401198", "NIFLUMIC ACID"),
    "A14": ("mock", "", ""),
    "P24": ("compound", "2.312793797", "Vitexin"),
}
PLATES = (20585, 20646)


def name(well: str, site: int, channel: int) -> str:
    return f"IXMtest_{well}_s{site}_w{channel}{GUID.format(channel)}.tif"


def path(plate: int, well: str, site: int, channel: int) -> str:
    return f"BBBC022_v1_images_{plate}w{channel}/{name(well, site, channel)}"


def line(number: int, plate: int, well: str, site: int) -> list[str]:
    """One line of the table, as the page describes it."""
    role, dose, compound = WELLS[well]
    files = [name(well, site, channel) for channel in CHANNELS.values()]
    known = ("BRD-K98763141-001-06-8", "c1cccnc1", "Biomol") if compound else ("", "", "")
    return [
        str(number), *files, role, known[0], "CLSID", dose, "H-BIOA-002-1", known[1], well,
        str(plate), compound, known[2], str(site), "1267540683767", *[f"{plate}/"] * 5,
    ]  # fmt: skip


def table() -> str:
    """The table: a line too short, one too long, stray quotes; sites 1 and 9 of a well."""
    lines = [line(n, plate, well, site) for n, (plate, well, site) in enumerate(
        (p, w, s) for p in PLATES for w in WELLS for s in (1, 9))]  # fmt: skip
    texts = [",".join(values) for values in lines]
    texts[0] = texts[0].rsplit(",", 3)[0]
    texts[2] += ",more"
    texts[5] = texts[5].replace("Vitexin", '"Vitexin')
    return '"' + ",".join(HEADER) + '"\r\n' + "\r\n".join(texts) + "\r\n"


def make(root: Path) -> None:
    for plate in PLATES:
        for well in WELLS:
            for site in (1, 9):
                for channel in range(1, 6):
                    relative = path(plate, well, site, channel)
                    _write.image(root, relative, dtype="uint16", high=4095)
    (root / path(20646, "P24", 9, 4)).unlink()
    _write.text(root, "BBBC022_v1_image.csv", table())
    _write.debris(root, path(20585, "A01", 1, 1))


ROWS = 12
EXPECTED = {
    "bbbc022/20585/A01_s1": {
        "files": "|".join(path(20585, "A01", 1, channel) for channel in range(1, 6)),
        "channels": "f_nucleus|f_er|f_nucleoli|f_actin_golgi|f_mitochondria",
        "cell_visible": "nucleus|er|nucleoli|actin|golgi apparatus|mitochondria",
        "compound": "niflumic acid", "concentration": 8.858401198, "concentration_unit": "mm",
        "control": "", "plate": "20585", "well": "A01", "site": "1", "batch": "H-BIOA-002-1",
        "organism": "human", "cell_type": "u2os", "microscopy": "fluorescence", "missing": "",
        "pixel_size": 0.656, "bit_depth": 12, "group": "bbbc022:20585/A01",
    },
    "bbbc022/20585/A14_s1": {"compound": "", "control": "mock", "concentration_unit": ""},
    "bbbc022/20585/P24_s9": {"compound": "vitexin"},
    "bbbc022/20646/P24_s9": {"compound": "vitexin", "missing": "f_actin_golgi"},
}  # fmt: skip
