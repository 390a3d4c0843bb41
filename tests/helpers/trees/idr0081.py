"""idr0081: both microscopes, plates imaged twice, thumbnails, upper-case endings."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

PRE = "1-prePlates/Data_UZH/preScreen/HAdV-pre_A02_w{}.TIF"
UZH = "3-Screen/Data_UZH/Screen/BSF018292-1A/BSF018292-1A_{}_w{}.TIF"
ZB, ZC = (
    "2-ZPlates/Data_UZH/Za_BSF018104/Za_BSF018104_A10_w{}.TIF",
    "2-ZPlates/Data_EPFL/Za_BSF018104/",
)


def _epfl(folder: str, well: str) -> list[str]:
    return [f"{folder}{well}(fld 1 wv {wave} - {wave}).tif" for wave in ("DAPI", "FITC")]


FIELDS = {
    "A/preScreen/A02": [PRE.format(wave) for wave in (1, 2)],
    "B/Za_BSF018104/A10": [ZB.format(wave) for wave in (1, 2)],
    "C/Za_BSF018104/A10": _epfl(ZC, "A - 10"),
    "D/BSF018292-1A/A02": [UZH.format("A02", wave) for wave in (1, 2)],
    "D/BSF018292-1A/P24": [UZH.format("P24", wave) for wave in (1, 2)],
    "E/BSF018292-1A/A02": _epfl("3-Screen/Data_EPFL/Screen/BSF018292_1A/", "A - 02"),
}


def make(root: Path) -> None:
    for names in FIELDS.values():
        _idr.planes(root, names)
    thumbnail = UZH.format("A02", 1).replace(".TIF", "_thumb0DA1C5B0.TIF")
    _write.image(root, thumbnail)
    _write.text(root, "3-Screen/Data_UZH/Screen/BSF018292-1A/BSF018292-1A.HTD", '"HTSInfoFile"')
    columns = (
        "Plate", "Comment [Plate Replicate]", "Well", "Characteristics [Organism 1]",
        "Characteristics [Organism 2]", "Compound Name", "Compound Concentration (microMolar)",
        "Control Type",
    )  # fmt: skip
    species = ("Homo sapiens", "Human adenovirus 2")
    solvent = (*species, "Dimethyl sulfoxide", "1762.5", "negative control")
    drug = (*species, "Nelfinavir mesylate", "1.25", "")
    rows = {
        "A": [("preScreen", "", "A2", *solvent)],
        "B": [("Za_BSF018104", "Za", "A10", *solvent)],
        "C": [("Za_BSF018104", "Za", "A10", *solvent)],
        "D": [
            ("BSF018292-1A", "1", "A2", *drug),
            ("BSF018292-1A", "1", "P24", *species, "", "", ""),
        ],
        "E": [("BSF018292-1A", "1", "A2", *drug)],
    }
    for screen, values in rows.items():
        lines = [dict(zip(columns, row, strict=True)) for row in values]
        _idr.table(root, f"screen{screen}/idr0081-screen{screen}-annotation.csv", lines)
    _write.debris(root, FIELDS["A/preScreen/A02"][0])


ROWS = len(FIELDS)
EXPECTED = {
    "idr0081/A/preScreen/A02": {
        "files": "|".join(FIELDS["A/preScreen/A02"]), "compound": "dimethyl sulfoxide",
        "control": "negative", "concentration": 1762.5, "concentration_unit": "um",
        "channels": "f_nucleus|f_infection", "plate": "preScreen", "well": "A02",
    },
    "idr0081/B/Za_BSF018104/A10": {"group": "idr0081:Za_BSF018104/A10", "batch": "Za"},
    "idr0081/C/Za_BSF018104/A10": {
        "group": "idr0081:Za_BSF018104/A10", "files": "|".join(FIELDS["C/Za_BSF018104/A10"]),
    },
    "idr0081/D/BSF018292-1A/A02": {
        "group": "idr0081:BSF018292-1A/A02", "compound": "nelfinavir mesylate", "control": "",
        "organism": "human", "cell_type": "a549", "excluded": "",
    },
    "idr0081/D/BSF018292-1A/P24": {"compound": "", "concentration_unit": ""},
    "idr0081/E/BSF018292-1A/A02": {
        "group": "idr0081:BSF018292-1A/A02", "plate": "BSF018292-1A", "excluded": "",
        "compound": "nelfinavir mesylate", "concentration": 1.25,
    },
}  # fmt: skip
