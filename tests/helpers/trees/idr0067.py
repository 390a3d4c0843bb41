"""idr0067: one field raw, deconvolved, projected and in transmitted light; a field without a
projection; an electron micrograph."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

FOLDER = "20190904-ftp/Figure 2/Figure 2A"
B = "20190924-ftp/Figure 1B"
NAME = "2018-05-03_meiosis_01"
PROJECTION = f"{FOLDER}/{NAME}_R3D_D3D_zproj.tif"
DECONVOLVED = f"{FOLDER}/{NAME}_R3D_D3D.dv"
RAW = f"{FOLDER}/{NAME}_R3D.dv"
REFERENCE = f"{FOLDER}/{NAME}_R3D_REF.dv"
ALONE = f"{B}/film_02_R3D.dv"
ELECTRON = "20190904-ftp/Figure 3/Figure 3C/UB11821 4h 04.tif"


def make(root: Path) -> None:
    _idr.stack(root, PROJECTION, channels=2, times=3)
    _idr.deltavision(root, DECONVOLVED, channels=2, depth=5, times=3)
    _idr.deltavision(root, RAW, channels=2, depth=5, times=3, sequence=1)
    _idr.deltavision(root, REFERENCE, channels=1)
    _idr.deltavision(root, ALONE, channels=2, depth=4, times=2, sequence=0)
    _write.image(root, ELECTRON, dtype="uint8")
    proteins = {"Comment [Protein] 1": "Nup170", "Comment [Protein] 2": "Htb1"}
    genes = {"Comment [Gene Symbol] 1": "NUP170", "Comment [Gene Symbol] 2": "HTB1"}
    lines = [
        {
            "Dataset Name": path.split("/")[-2], "Image Name": path.split("/")[-1],
            "Experimental Condition [Imaging Type]": "electron microscopy" if path == ELECTRON
            else "fluorescence microscopy",
            **(genes | proteins if path != ELECTRON else dict.fromkeys(genes | proteins, "")),
            "Comment [Genetic Background]": "wild type",
        }
        for path in (PROJECTION, DECONVOLVED, RAW, REFERENCE, ALONE, ELECTRON)
    ]  # fmt: skip
    _idr.table(root, "idr0067-experimentA-annotation.csv", lines)
    _write.debris(root, PROJECTION)


ROWS = 6
KEY = f"idr0067/Figure 2A/{NAME}"
EXPECTED = {
    f"{KEY}_R3D_D3D_zproj.tif": {
        "files": f"{PROJECTION}|{PROJECTION}#plane=1", "channels": "f_protein|f_protein_2",
        "cell_visible": "nup170|htb1", "gene": "nup170 targeted", "excluded": "",
        "phenotype": "meiosis|wild type", "microscopy": "fluorescence", "organism": "yeast",
        "group": f"idr0067:Figure 2A/{NAME}", "missing": "",
    },
    # Middle of 5 planes at the first time: z fastest gives 2 and 15 + 2.
    f"{KEY}_R3D_D3D.dv": {
        "files": f"{DECONVOLVED}#plane=2|{DECONVOLVED}#plane=17", "excluded": "copy",
        "group": f"idr0067:Figure 2A/{NAME}",
    },
    # Channels fastest: 2 * 2 and 2 * 2 + 1.
    f"{KEY}_R3D.dv": {"files": f"{RAW}#plane=4|{RAW}#plane=5", "excluded": "copy"},
    f"{KEY}_R3D_REF.dv": {
        "files": REFERENCE, "microscopy": "brightfield", "excluded": "", "channels": "brightfield",
        "cell_visible": "cell body", "group": f"idr0067:Figure 2A/{NAME}",
    },
    "idr0067/Figure 1B/film_02_R3D.dv": {
        "files": f"{ALONE}#plane=2|{ALONE}#plane=10", "excluded": "",
    },
    "idr0067/Figure 3C/UB11821 4h 04.tif": {
        "excluded": "electron microscopy", "microscopy": "electron", "gene": "",
    },
}  # fmt: skip
SPARE = "idr0067/Figure 3C/UB11821 4h 04.tif"
