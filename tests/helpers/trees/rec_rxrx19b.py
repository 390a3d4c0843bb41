"""RxRx19b: the three conditions, the third one written in both ways; compounds with commas."""

from __future__ import annotations

from pathlib import Path

from trees import _recursion, _write

SITES = {
    "HUVEC-1_1_AA03_1": ("storm-severe", "L-685,458", "0.3", "C1CC1 |a:0,1|"),
    "HUVEC-1_1_AA04_1": ("storm-severe", "", "", ""),
    "HUVEC-1_2_B02_1": ("healthy", "", "", ""),
    "HUVEC-1_53_C03_1": ("blank", "", "", ""),
    "HUVEC-1_53_C04_1": ("", "", "", ""),
}


def make(root: Path) -> None:
    facts = ("disease_condition", "treatment", "treatment_conc", "SMILES")
    _recursion.metadata(root, "rxrx19b/metadata.csv", facts, SITES.items())
    for site in SITES:
        _write.images(root, _recursion.image_paths("rxrx19b/images", site, range(1, 7)))
    _write.text(root, "rxrx19b/README.md", "RxRx19b\n")
    _write.debris(root, "rxrx19b/metadata.csv")


ROWS = 5
EXPECTED = {
    "rec_rxrx19b/HUVEC-1/Plate1/AA03_s1": {
        "compound": "l-685,458", "phenotype": "storm-severe", "concentration": 0.3,
        "concentration_unit": "um", "control": "", "organism": "human", "cell_type": "huvec",
        "cell_visible": "nucleus|er|actin|nucleoli|mitochondria|golgi", "bit_depth": 8,
        "licence": "CC-BY-4.0", "batch": "HUVEC-1", "plate": "1", "well": "AA03", "site": "1",
    },
    "rec_rxrx19b/HUVEC-1/Plate1/AA04_s1": {"compound": "", "control": "untreated"},
    "rec_rxrx19b/HUVEC-1/Plate2/B02_s1": {"phenotype": "healthy", "control": "untreated"},
    "rec_rxrx19b/HUVEC-1/Plate53/C03_s1": {"phenotype": "", "control": "blank"},
    "rec_rxrx19b/HUVEC-1/Plate53/C04_s1": {"phenotype": "", "control": "blank"},
}  # fmt: skip
