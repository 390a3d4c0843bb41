"""idr0017: IN Cell names with blanks and with underscores, the authors' plate maps."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

LINE_1, LINE_12 = "2011-11-17_X-Man_LOPAC_X01_LP_S01_1", "2011-11-17_X-Man_LOPAC_X12_LP_S04_2"


def _names(folder: str, well: str, site: int, space: str = " ") -> list[str]:
    stem = f"{well[0]} - {well[1:]}(fld {site} wv "
    names = [f"{stem}{channel} - {channel}).tif" for channel in ("DAPI", "Cy3")]
    return [f"source/{folder}/{name.replace(' ', space)}" for name in names]


FIELDS = {
    "A1": _names(LINE_1, "A1", 1), "A2": _names(LINE_1, "A2", 4), "C1": _names(LINE_1, "C1", 1),
    "C23": _names(LINE_1, "C23", 1), "P24": _names(LINE_12, "P24", 1, "_"),
}  # fmt: skip


def make(root: Path) -> None:
    for names in FIELDS.values():
        _idr.planes(root, names)
    _write.text(root, f"source/{LINE_1}/2011-11-17 X-Man LOPAC_X03_LP_S01_1.xdce", "<a/>")
    columns = ("PlateName", "Plate", "Well", "Name", "Action", "GeneID", "Selectivity_updated")
    lines = [
        ("P1", "1", "A01", "", "", "no treatment", "NA"),
        ("P1", "1", "A02", "4-DAMP methiodide", "Antagonist", "79281", "muscarinic receptor"),
        ("P1", "1", "C01", "", "", "ctrl DAPT", "WNT"),
        ("P1", "1", "C23", "", "", "neg ctr DMSO", "NA"),
        ("P1", "5", "A02", "4-DAMP methiodide", "Antagonist", "79281", "muscarinic receptor"),
        ("P4", "4", "P24", "Wärme", "", "1", "NA"),
    ]
    text = "\n".join("\t".join(line) for line in [columns, *lines]) + "\n"
    name = "conf/Changed_LOPAC3_384_convert96er_GeneID_updated_Selectivity.txt"
    _write.text(root, name, text, encoding="latin-1")
    annotation = {
        "Plate": "PARENTAL001_LOPAC_Plate_4_Replicate_2", "Well": "P24", "Compound Name": "",
        "Compound Action": "Agonist", "Compound Selectivity Updated": "D2", "Control Type": "",
    }  # fmt: skip
    _idr.table(root, "idr0017-screenA-annotation.csv", [annotation])
    _write.debris(root, FIELDS["A1"][0])


ROWS = len(FIELDS)
EXPECTED = {
    f"idr0017/{LINE_1}/A01_f1": {
        "files": "|".join(FIELDS["A1"]), "channels": "f_nucleus|f_actin", "compound": "",
        "cell_visible": "nucleus|actin", "control": "empty", "phenotype": "",
        "gene": "akt1 targeted|akt2 targeted", "batch": "AKT1-/-_&_AKT2-/-",
        "plate": "AKT1-/-_&_AKT2-/-_LOPAC_Plate_1_Replicate_1", "well": "A01",
        "group": f"idr0017:{LINE_1}/A01",
    },
    f"idr0017/{LINE_1}/A02_f4": {
        "compound": "4-damp methiodide", "phenotype": "muscarinic receptor antagonist",
        "control": "", "site": "4",
    },
    f"idr0017/{LINE_1}/C01_f1": {"compound": "dapt", "control": "positive", "phenotype": "wnt"},
    f"idr0017/{LINE_1}/C23_f1": {"compound": "dmso", "control": "negative", "phenotype": ""},
    f"idr0017/{LINE_12}/P24_f1": {
        "files": "|".join(FIELDS["P24"]), "gene": "", "compound": "wärme",
        "phenotype": "d2 agonist", "batch": "PARENTAL001",
    },
}  # fmt: skip
