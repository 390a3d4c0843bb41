"""idr0072: Opera files whose folders are spelled unlike their plates."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

A = "20210420-plates/WS_MCF10A-landmark_library_20180506_Meas_01"
B = "20191127-disk/UpLoadtoIDR/NMUMG/Plates/2015-10-29 plate114/Meas_01"
LOST = "20201209-ftp/VAMP_DEG_20120507"
PATHS = (
    f"{A}/001001001.flex",
    f"{A}/016024012.flex",
    f"{B}/002003001.flex",
    f"{LOST}/001001001.flex",
)


def make(root: Path) -> None:
    for path in PATHS:
        _idr.flex(root, path)
    _write.raw(root, f"{A}/thumbs.txt", b"x")
    columns = (
        "Plate", "Well", "Characteristics [Organism]", "Characteristics [Cell Line]",
        "Comment [Gene Symbol]", "Experimental Condition [Subcellular Localization]",
    )  # fmt: skip
    plate = "WS_MCF10A_Landmark_20180506/Meas_01"
    lines = {
        "A": [
            (plate, "A1", "Homo sapiens", "MCF 10A", "VAMP5", "plasma membrane"),
            (plate, "P24", "Homo sapiens", "MCF 10A", "tripeptide SKL (signal 1)", "Peroxisome"),
        ],
        "B": [
            ("20151029_Plate114/Meas_01", "B3", "Mus musculus", "NMuMG", "PTDSS1",
             "mitochondria-associated ER-membrane, endoplasmic reticulum"),
        ],
    }  # fmt: skip
    server = f"{_idr.SERVER}/idr0072-schormann-subcellref"
    plates = {
        "A": [(plate, f"{server}/{A}")],
        "B": [("20151029_Plate114/Meas_01", f"{server}/{B}/")],
    }
    for screen, values in lines.items():
        name = f"screen{screen}/idr0072-screen{screen}"
        rows = [dict(zip(columns, line, strict=True)) for line in values]
        _idr.table(root, f"{name}-annotation.csv", rows)
        _idr.places(root, f"{name}-plates.tsv", plates[screen])
    _write.debris(root, PATHS[0])


ROWS = len(PATHS)
EXPECTED = {
    f"idr0072/{A}/001001001": {
        "files": f"{PATHS[0]}|{PATHS[0]}#plane=1", "channels": "f_nucleus|f_protein",
        "cell_visible": "nucleus|cell membrane", "organism": "human", "cell_type": "mcf 10a",
        "gene": "vamp5 targeted", "plate": "WS_MCF10A_Landmark_20180506/Meas_01", "well": "A01",
        "site": "1", "group": f"idr0072:{A}/A01", "missing": "", "bit_depth": 12,
    },
    f"idr0072/{A}/016024012": {
        "well": "P24", "site": "12", "gene": "", "cell_visible": "nucleus|peroxisome",
    },
    f"idr0072/{B}/002003001": {
        "organism": "mouse", "cell_type": "nmumg", "gene": "ptdss1 targeted", "well": "B03",
        "cell_visible": "nucleus|mitochondria-associated er-membrane|er",
    },
    f"idr0072/{LOST}/001001001": {"plate": LOST, "organism": "", "cell_visible": "nucleus"},
}  # fmt: skip
