"""idr0009: both screens, a plate that calls its nuclei `dapi`, a missing file."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

FOLDER = "20150507-VSVG/VSVG"


def _names(plate: str, well: int, nuclei: str = "nucleus-dapi") -> list[str]:
    stem = f"{FOLDER}/{plate}/data/A1--W{well:05d}--P00001--Z00000--T00000"
    return [f"{stem}--{channel}.tif" for channel in (nuclei, "pm-647", "vsvg-cfp")]


A, B = "0001-03--2005-08-01", "0305-01--2007-04-03"
FIELDS = {
    (A, 1): _names(A, 1), (A, 49): _names(A, 49), (A, 25): _names(A, 25)[:2],
    (B, 1): _names(B, 1, "dapi"), (B, 2): _names(B, 2, "dapi"), (B, 14): _names(B, 14, "dapi"),
}  # fmt: skip


def make(root: Path) -> None:
    for names in FIELDS.values():
        _idr.planes(root, names)
    _write.raw(root, f"{FOLDER}/{A}/experiment_descriptor.dat")
    wells = {"Plate": A, "Well": "A1", "siRNA Identifier": "1468", "Gene Symbol": "null"}
    rest = {"Control Type": "", "Quality Control": "pass", "Has Phenotype": "yes"}
    strong = {"Phenotype 1": "", "Phenotype 2": "mild inhibition of secretion"}
    empty = {**wells, "Well": "B1", "siRNA Identifier": "103860", "Gene Symbol": ""}
    _idr.table(
        root,
        "idr0009-screenA-annotation.csv.gz",
        [
            wells | rest | strong,
            empty | rest | dict.fromkeys(strong, ""),
            wells | rest | strong | {"Well": "D1", "Gene Symbol": "SCYL3"},
        ],
    )
    columns = (
        "Plate", "Well", "siRNA Identifier", "Gene Identifier %% url=http://www.ensembl.org/id/%s",
        "Gene Symbol (Ensembl 81)", "Control Type", "Gene Symbol (Ensembl 61)", "Phenotype 1",
    )  # fmt: skip
    lines = [
        (B, "A1", "", "", "", "empty well", "", ""),
        (B, "A2", "SI00289037", "ENSG00000109576", "AADAT", "", "KAT2", "strong inhibition"),
        (B, "A14", "Q24546", "", "", "", "", ""),
    ]
    _idr.table(
        root,
        "idr0009-screenB-annotation.at-2015-12-10.csv",
        [dict(zip(columns, line, strict=True)) for line in lines],
    )
    processed = {"siRNA Identifier": "1468", "Gene Symbol": "FGR", "Phenotype 1": "other"}
    _idr.table(root, "idr0009-screenA-processed.txt", [processed])
    library = {"Plate": A, "Well": "C1", "siRNA Identifier": "1468", "Gene Symbol": ""}
    _idr.table(root, "idr0009-screenA-library.txt", [library])
    _write.debris(root, FIELDS[A, 1][0])


ROWS = len(FIELDS)
STEM = "A1--W{:05d}--P00001--Z00000--T00000"
EXPECTED = {
    f"idr0009/{A}/{STEM.format(1)}": {
        "files": "|".join(FIELDS[A, 1]), "channels": "f_nucleus|f_cell_membrane|f_protein",
        "cell_visible": "nucleus|cell membrane|secretory protein", "sirna": "1468",
        "gene": "", "phenotype": "mild inhibition of secretion", "plate": A,
        "well": "A01", "cell_type": "hela", "missing": "", "group": f"idr0009:{A}/A01",
    },
    f"idr0009/{A}/{STEM.format(25)}": {
        "well": "B01", "missing": "f_protein", "control": "negative", "sirna": "103860", "gene": "",
    },
    # In the library alone: its siRNA says the rest.
    f"idr0009/{A}/{STEM.format(49)}": {
        "sirna": "1468", "gene": "fgr targeted", "phenotype": "other", "well": "C01",
    },
    f"idr0009/{B}/{STEM.format(1)}": {
        "control": "empty", "sirna": "", "files": "|".join(FIELDS[B, 1]),
    },
    f"idr0009/{B}/{STEM.format(2)}": {"gene": "aadat targeted", "phenotype": "strong inhibition"},
    f"idr0009/{B}/{STEM.format(14)}": {"control": "positive", "gene": "copb1 targeted"},
}  # fmt: skip
