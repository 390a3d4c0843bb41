"""idr0080: a plate as taken and its illumination-corrected copy, another plate's copy alone."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

BASE = "20200316-s3/2015_07_01_Cell_Health_Vazquez_Cancer_Broad/CRISPR_PILOT_B1/images"
FOLDER = "SQ00014610__2016-06-08T18_43_46-Measurement1"
CHANNELS = range(1, 6)
RAW = [_idr.harmony(f"{BASE}/{FOLDER}/Images", 1, 1, field, CHANNELS) for field in (1, 9)]
RAW.append(_idr.harmony(f"{BASE}/{FOLDER}/Images", 16, 24, 1, CHANNELS))
COPY = _idr.harmony("20200923-illumcorrected/SQ00014610/Images", 1, 1, 1, CHANNELS)
ALONE = _idr.harmony("20200923-illumcorrected/SQ00014618/Images", 1, 1, 1, CHANNELS)


def make(root: Path) -> None:
    for names in (*RAW, COPY, ALONE):
        _idr.planes(root, names)
    _write.text(root, f"{BASE}/{FOLDER}/Images/Index.idx.xml", "<a/>")
    columns = (
        "Plate", "Well", "Characteristics [Cell Line]", "Reagent Identifier", "Gene Symbol",
        "Control Type",
    )  # fmt: skip
    rows = [
        ("SQ00014610", "A1", "A549", "EMPTY", "", "no reagent"),
        ("SQ00014610", "P24", "A549", "MCL1-5", "MCL1", ""),
        ("SQ00014610_illum_corrected", "A1", "A549", "EMPTY", "", "no reagent"),
        ("SQ00014618", "A1", "HCC44", "Chr2-1", "Chr2", "negative control"),
    ]
    rows[0] = (*rows[0][:3], "", *rows[0][4:])
    lines = [dict(zip(columns, row, strict=True)) for row in rows]
    _idr.table(root, "idr0080-screenA-annotation.csv", lines)
    _write.debris(root, RAW[0][0])


ROWS = 5
EXPECTED = {
    f"idr0080/{FOLDER}/A01_f1_p01": {
        "files": "|".join(RAW[0]), "excluded": "", "control": "empty", "cell_type": "a549",
        "channels": "f_nucleus|f_er|f_nucleoli|f_actin_golgi|f_mitochondria", "plate": "SQ00014610",
        "cell_visible": "nucleus|er|nucleoli|rna|actin|golgi|cell membrane|mitochondria",
        "group": "idr0080:SQ00014610/A01", "sirna": "", "gene": "", "site": "1",
    },
    f"idr0080/{FOLDER}/P24_f1_p01": {
        "sirna": "mcl1-5", "gene": "mcl1 targeted", "control": "", "well": "P24",
    },
    "idr0080/SQ00014610_illum_corrected/A01_f1_p01": {
        "excluded": "copy", "group": "idr0080:SQ00014610/A01", "files": "|".join(COPY),
    },
    "idr0080/SQ00014618_illum_corrected/A01_f1_p01": {
        "excluded": "", "gene": "chr2 targeted", "control": "negative", "cell_type": "hcc44",
    },
}  # fmt: skip
SPARE = f"idr0080/{FOLDER}/P24_f1_p01"
