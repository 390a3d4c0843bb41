"""idr0037: plates of its own folder and of idr0034, a second focal plane, a foreign plate."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

FIRST = "20140424_HipSci + BJ 3000c_well_OC__2014-04-24T17_01_22-Measurement1"
OTHER = "HipSci Experiment 2__2014-04-29T10_58_26-Measurement1"
FOREIGN = "Not of this study__2014-05-29T10_58_26-Measurement1"
A = f"images/{FIRST}/Images"
B = f"20170421-original/Oli/{OTHER}/Images"
FIELDS = [
    _idr.harmony(A, 1, 2, 1, (1, 2, 3, 4)),
    _idr.harmony(A, 1, 2, 1, (1, 2, 3, 4), focal=2),
    _idr.harmony(B, 8, 12, 9, (1, 2, 3, 4)),
]


def make(root: Path) -> None:
    for names in FIELDS:
        _idr.planes(root, names)
    _idr.planes(root, _idr.harmony(f"20170421-original/{FOREIGN}/Images", 1, 1, 1, (1, 2)))
    _write.text(root, f"{A}/Index.idx.xml", "<EvaluationInputData/>")
    rows = [
        ("experiment_01", "A2", "A1ATD-iPSC patient 1", "", "fibronectin",
         "1 microgram per milliliter", "control cell line"),
        ("experiment_02", "H12", "HPSI0813i-ffdm_3", "induced pluripotent stem cell", "", "", ""),
    ]  # fmt: skip
    columns = (
        "Plate", "Well", "Characteristics [Cell Line]", "Characteristics [Cell Type]",
        "Experimental Condition [Compound]", "Experimental Condition [Dose]", "Control Comments",
    )  # fmt: skip
    lines = [dict(zip(columns, row, strict=True)) for row in rows]
    _idr.table(
        root, "idr0037-screenA-annotation.csv", [{**line, "Control Type": ""} for line in lines]
    )
    server = f"{_idr.SERVER}/idr0034-kilpinen-hipsci"
    _idr.places(
        root,
        "idr0037-screenA-plates.tsv",
        [
            ("experiment_01", f"{_idr.SERVER}/idr0037-vigilante-hipsci/{A}/Index.idx.xml"),
            ("experiment_02", f"{server}/{B}/Index.idx.xml"),
        ],
    )
    _write.debris(root, FIELDS[0][0])


ROWS = 6
EXPECTED = {
    f"idr0037/{FIRST}/A02_f1_p01": {
        "files": "|".join(FIELDS[0][:3]), "channels": "f_nucleus|f_proliferation|f_cell_membrane",
        "cell_visible": "nucleus|cell membrane", "plate": "experiment_01", "well": "A02",
        "site": "1", "cell_type": "a1atd-ipsc patient 1", "compound": "fibronectin",
        "concentration": 1.0, "concentration_unit": "ug/ml", "control": "control cell line",
        "group": f"idr0037:{FIRST}/A02", "excluded": "",
    },
    f"idr0037/{FIRST}/A02_f1_p01_ch4.tiff": {
        "files": FIELDS[0][3], "microscopy": "brightfield", "excluded": "transmitted light",
        "group": f"idr0037:{FIRST}/A02",
    },
    f"idr0037/{FIRST}/A02_f1_p02": {"excluded": "other focal plane"},
    f"idr0037/{OTHER}/H12_f9_p01": {
        "plate": "experiment_02", "cell_type": "hpsi0813i-ffdm_3", "compound": "",
        "concentration_unit": "", "control": "", "well": "H12",
    },
}  # fmt: skip
