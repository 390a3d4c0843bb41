"""RxRx19a: five stains, two species, SMILES with bars and commas, wells without treatment."""

from __future__ import annotations

from pathlib import Path

from trees import _recursion, _write

# CXSMILES: the part between bars holds commas.
SMILES = "CC(=O)N[C@@H](C)C(O)=O |r,c:3,t:1|"
ACTIVE, MOCK, DEAD = "Active SARS-CoV-2", "Mock", "UV Inactivated SARS-CoV-2"
SITES = {
    "HRCE-1_1_AA02_2": (ACTIVE, "GS-441524", "0.1", SMILES),
    "HRCE-1_1_AA03_1": (ACTIVE, "4-Chloro-3,5-dimethylphenol", "3.0", SMILES),
    "HRCE-2_26_B02_4": (ACTIVE, "Clarithromycin", "1.0", ""),
    "HRCE-2_26_C02_4": (ACTIVE, "clarithromycin", "1.0", ""),
    "HRCE-2_27_AF47_1": (MOCK, "", "", ""),
    "VERO-1_1_B02_1": (DEAD, "", "", ""),
    "VERO-2_1_Z48_3": ("", "", "", ""),
}


def make(root: Path) -> None:
    facts = ("disease_condition", "treatment", "treatment_conc", "SMILES")
    _recursion.metadata(root, "RxRx19a/metadata.csv", facts, SITES.items())
    for site in SITES:
        _write.images(root, _recursion.image_paths("RxRx19a/images", site, range(1, 6)))
    _write.text(root, "RxRx19a/embeddings.csv", "site_id,feature_0\nHRCE-1_1_AA02_2,0.5\n")
    _write.debris(root, "RxRx19a/images/HRCE-1/Plate1/AA02_s2_w1.png")


ROWS = 7
EXPECTED = {
    "rec_rxrx19a/HRCE-1/Plate1/AA02_s2": {
        "files": "|".join(f"RxRx19a/images/HRCE-1/Plate1/AA02_s2_w{w}.png" for w in range(1, 6)),
        "channels": "f_nucleus|f_er|f_actin|f_nucleoli|f_golgi",
        "cell_visible": "nucleus|er|actin|nucleoli|golgi", "missing": "",
        "organism": "human", "cell_type": "hrce", "phenotype": "active sars-cov-2",
        "compound": "gs-441524", "concentration": 0.1, "concentration_unit": "um", "control": "",
        "pixel_size": 0.65, "licence": "CC-BY-4.0", "batch": "HRCE-1", "plate": "1",
        "well": "AA02", "site": "2", "excluded": "",
    },
    "rec_rxrx19a/HRCE-1/Plate1/AA03_s1": {"compound": "4-chloro-3,5-dimethylphenol"},
    "rec_rxrx19a/HRCE-2/Plate26/B02_s4": {"compound": "clarithromycin"},
    "rec_rxrx19a/HRCE-2/Plate26/C02_s4": {"compound": "clarithromycin"},
    "rec_rxrx19a/HRCE-2/Plate27/AF47_s1": {
        "phenotype": "mock", "compound": "", "control": "untreated", "concentration_unit": "",
    },
    "rec_rxrx19a/VERO-1/Plate1/B02_s1": {
        "organism": "monkey", "cell_type": "vero",
        "phenotype": "uv inactivated sars-cov-2", "control": "untreated",
    },
    "rec_rxrx19a/VERO-2/Plate1/Z48_s3": {"phenotype": "", "excluded": ""},
}  # fmt: skip
