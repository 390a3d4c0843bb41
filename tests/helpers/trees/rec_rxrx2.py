"""RxRx2: two experiments, an EMPTY well, names that lose their letter case, a stranger of RxRx1."""

from __future__ import annotations

from pathlib import Path

from trees import _recursion, _write

SITES = {
    "HUVEC-1_1_AA03_1": ("Sonic-Hedgehog", "0.1"),
    "HUVEC-1_1_AA03_2": ("Sonic-Hedgehog", "0.1"),
    "HUVEC-1_1_AA04_1": ("GDF-1", "0.1"),
    "HUVEC-2_12_B02_4": ("EMPTY", ""),
    "HUVEC-2_12_AF47_3": ("22_cGAMP", "0.003"),
}
WITHOUT_IMAGE = {"HUVEC-2_1_C05_1": ("PTx", "1.0")}
WITHOUT_LINE = "HUVEC-1_2_D06_1"


def make(root: Path) -> None:
    facts = ("treatment", "treatment_conc")
    lines = [*SITES.items(), *WITHOUT_IMAGE.items()]
    _recursion.metadata(root, "rxrx2/metadata.csv", facts, lines)
    for site in [*SITES, WITHOUT_LINE]:
        _write.images(root, _recursion.image_paths("rxrx2/images", site, range(1, 7)))
    stranger = _recursion.image_paths("rxrx2/images", "HUVEC-01_1_B02_1", [1])
    _write.images(root, stranger)
    # One channel is not there.
    (root / "rxrx2/images/HUVEC-2/Plate12/AF47_s3_w5.png").unlink()
    _write.debris(root, *stranger)


ROWS = 6
EXPECTED = {
    "rec_rxrx2/HUVEC-1/Plate1/AA03_s1": {
        "files": "|".join(f"rxrx2/images/HUVEC-1/Plate1/AA03_s1_w{w}.png" for w in range(1, 7)),
        "channels": "f_nucleus|f_er|f_actin|f_nucleoli|f_mitochondria|f_golgi",
        "cell_visible": "nucleus|er|actin|nucleoli|mitochondria|golgi",
        "organism": "human", "cell_type": "huvec", "compound": "sonic-hedgehog",
        "concentration": 0.1, "concentration_unit": "mg/ml", "control": "", "phenotype": "",
        "sirna": "", "gene": "", "microscopy": "fluorescence", "batch": "HUVEC-1", "plate": "1",
        "well": "AA03", "site": "1", "group": "rec_rxrx2:HUVEC-1/Plate1/AA03", "missing": "",
        "excluded": "", "licence": "CC-BY-NC-SA-4.0", "bit_depth": 8,
    },
    "rec_rxrx2/HUVEC-1/Plate1/AA03_s2": {"group": "rec_rxrx2:HUVEC-1/Plate1/AA03"},
    "rec_rxrx2/HUVEC-2/Plate12/B02_s4": {
        "compound": "", "control": "empty", "concentration_unit": "", "cell_type": "huvec",
    },
    "rec_rxrx2/HUVEC-2/Plate12/AF47_s3": {
        "compound": "22_cgamp", "missing": "f_mitochondria", "concentration": 0.003,
    },
    "rec_rxrx2/HUVEC-1/Plate2/D06_s1": {"excluded": "unlabelled", "compound": "", "control": ""},
}  # fmt: skip
