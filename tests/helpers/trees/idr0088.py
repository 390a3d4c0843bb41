"""idr0088: CellVoyager planes of two lines, shading references, the packed table."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

A = "p171224PPS139/PpsL05A549ActbRab5a_PPS139_20171225_200929/1013608248"
B = "p170915PPS073/PpsL05HepG2TubARelA_PPS073_20170916_150825/110000251230"


def _names(folder: str, well: str, site: int) -> list[str]:
    stem = f"{folder}/{folder.rsplit('/', 1)[1]}_{well}_T0001F{site:03d}L01A0"
    return [f"{stem}{number}Z01C0{number}.tif" for number in (1, 2, 3)]


FIELDS = {
    "1013608248/L07_F1": _names(A, "L07", 1), "1013608248/L07_F2": _names(A, "L07", 2),
    "1013608248/B02_F1": _names(A, "B02", 1), "110000251230/O23_F3": _names(B, "O23", 3),
}  # fmt: skip


def make(root: Path) -> None:
    for names in FIELDS.values():
        _idr.planes(root, names)
    _write.image(root, f"{A}/DC_sCMOS #1_CAM1.tif", dtype="uint16")
    _write.text(root, f"{A}/MeasurementData.mlf", "<bts:MeasurementData/>")
    columns = (
        "Plate", "Well", "Characteristics [Organism]", "Characteristics [Cell Line]",
        "Compound Concentration (microMolar)", "Compound MoA", "Compound Name", "Control Type",
        "Channels",
    )  # fmt: skip
    stains = "Ch1 (blue): Nuclei/Cytoplasm, Ch2 (green): ACTB, Ch3 (red): RAB5A"
    lines = [
        ("1013608248", "L7", "Homo sapiens", "A549", "9",
         "Akt inhibitor|ERK1/2 inhibitor", "(-)-Cinchonidine", "", stains),
        ("1013608248", "B2", "Homo sapiens", "A549", "", "", "DMSO", "Negative Control", stains),
    ]  # fmt: skip
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    _idr.table(root, "screenA/idr0088-screenA-annotation.csv.zip", rows)
    server = f"{_idr.SERVER}/idr0088-cox-phenomicprofiling/20200722-awss3"
    _idr.places(root, "screenA/idr0088-screenA-plates.tsv", [(f"{server}/{A}/1013608248.wpi",)])
    _write.debris(root, FIELDS["1013608248/L07_F1"][0])


ROWS = len(FIELDS)
EXPECTED = {
    "idr0088/1013608248/L07_F1": {
        "files": "|".join(FIELDS["1013608248/L07_F1"]), "channels": "f_nucleus|f_actb|f_rab5a",
        "cell_visible": "nucleus|actb|rab5a", "phenotype": "akt inhibitor|erk1/2 inhibitor",
        "compound": "(-)-cinchonidine", "concentration": 9.0, "concentration_unit": "um",
        "cell_type": "a549", "plate": "1013608248", "well": "L07", "site": "1", "control": "",
        "batch": "p171224PPS139", "group": "idr0088:1013608248/L07", "licence": "CC-BY-NC-4.0",
    },
    "idr0088/1013608248/L07_F2": {"group": "idr0088:1013608248/L07", "site": "2"},
    "idr0088/1013608248/B02_F1": {
        "compound": "dmso", "control": "negative", "phenotype": "", "concentration_unit": "",
    },
    "idr0088/110000251230/O23_F3": {
        "compound": "", "channels": "f_nucleus|f_protein|f_protein_2", "cell_visible": "nucleus",
    },
}  # fmt: skip
