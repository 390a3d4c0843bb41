"""idr0003: ScanR planes with and without `data/`, three revisions of the tables."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

CHANNELS = ("GFP", "Cherry", "Transmit")
IMAGES = "201301120/Images"


def _names(folder: str, well: int, site: int) -> list[str]:
    stem = f"{IMAGES}/{folder}/A1--W{well:05d}--P{site:05d}--Z00000--T00000"
    return [f"{stem}--{channel}.tif" for channel in CHANNELS]


FIELDS = [
    *(_names("DTT/p1/data", well, site) for well in (1, 33) for site in (1, 2, 3)),
    _names("DTT/p1/data", 2, 1),
    _names("H2O2/p1", 384, 1),
    _names("SD1/p17", 193, 1),
]


def make(root: Path) -> None:
    for names in FIELDS:
        _idr.planes(root, names, high=4095)
    _write.text(root, f"{IMAGES}/DTT/p1/experiment_descriptor.xml", "<root/>")
    stress = "Experimental Condition [environmental stress]"
    genes = ("Gene Identifier", "Gene Symbol")
    library = [
        ("DTT p1", "A1", "YLR106C", "MDN1", "", "dithiothreitol"),
        ("DTT p1", "A2", "YLL021W", "", "", "dithiothreitol"),
        ("DTT p1", "B9", "", *["missing_info_possibly_empty"] * 2, "dithiothreitol"),
        ("H2O2 p1", "P24", "YLR454W", "FMP27", "", "hydrogen peroxide"),
        ("SD1 p17", "I1", "YNL093W", "YPT53", "", "synthetic medium with dextrose"),
    ]
    columns = ("Plate", "Well", *genes, "Control Type", stress)
    lines = [dict(zip(columns, values, strict=True)) for values in library]
    _idr.table(root, "tables/idr0003-screenA-library.txt", lines)
    processed = [
        ("DTT p1", "A1", "GFP localization: ER", "GFP localization: vacuole"),
        ("DTT p1", "A2", "", "GFP localization: below threshold"),
        ("H2O2 p1", "P24", "", ""),
    ]
    columns = ("Plate", "Well", "Phenotype 1", "Phenotype 2")
    lines = [dict(zip(columns, values, strict=True)) for values in processed]
    _idr.table(root, "tables/idr0003-screenA-processed.txt.gz", lines)
    older = {
        "Plate": "DTT p1", "Well": "A1",
        "Gene Identifier %%  url=http://www.ensembl.org/id/%s": "YLR106C", "Gene Symbol": "",
        "Experiment Condition": "dithiothreitol", "Phenotype 1": "", "Ontology Term Name 1": "",
    }  # fmt: skip
    _idr.table(root, "idr0003-screenA-annotation.DTT_only.at-2015-09-04.csv", [older])
    _idr.places(
        root, "idr0003-screenA-plates.tsv", [("DTT p1", f"{_idr.SERVER}/x/{IMAGES}/DTT/p1")]
    )
    _write.debris(root, FIELDS[0][0])


ROWS = 2 * len(FIELDS)
KEY = "idr0003/DTT/p1/A1--W00001--P00001--Z00000--T00000"
EXPECTED = {
    KEY: {
        "files": "|".join(FIELDS[0][:2]), "channels": "f_protein|f_cytoplasm",
        "cell_visible": "er|vacuole|cytosol", "microscopy": "fluorescence",
        "phenotype": "gfp localization: er|gfp localization: vacuole",
        "compound": "dithiothreitol", "gene": "mdn1 targeted", "organism": "yeast",
        "plate": "DTT p1", "well": "A01", "site": "1", "group": "idr0003:DTT/p1/A01",
        "bit_depth": 12, "control": "",
    },
    f"{KEY}--Transmit.tif": {
        "files": FIELDS[0][2], "channels": "brightfield", "cell_visible": "cell body",
        "microscopy": "brightfield", "field": KEY, "gene": "mdn1 targeted",
    },
    "idr0003/DTT/p1/A1--W00002--P00001--Z00000--T00000": {
        "gene": "yll021w targeted", "cell_visible": "cytosol", "well": "A02",
        "phenotype": "gfp localization: below threshold",
    },
    "idr0003/DTT/p1/A1--W00033--P00002--Z00000--T00000": {
        "gene": "", "control": "possibly empty", "well": "B09", "site": "2",
    },
    "idr0003/H2O2/p1/A1--W00384--P00001--Z00000--T00000": {
        "well": "P24", "compound": "hydrogen peroxide", "plate": "H2O2 p1",
    },
    "idr0003/SD1/p17/A1--W00193--P00001--Z00000--T00000": {"well": "I01", "compound": ""},
}  # fmt: skip
