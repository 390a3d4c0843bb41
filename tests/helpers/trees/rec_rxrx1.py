"""RxRx1: an untreated well, a treatment, a positive control; one site lacks a channel."""

from __future__ import annotations

from pathlib import Path

from trees import _write

HEADER = (
    "site_id", "well_id", "cell_type", "dataset", "experiment", "plate", "well", "site",
    "well_type", "sirna", "sirna_id",
)  # fmt: skip
# experiment, plate, well -> cell type, dataset, well type, siRNA, its number
WELLS = {
    ("HEPG2-08", "1", "B02"): ("HEPG2", "test", "negative_control", "EMPTY", "1138"),
    ("HEPG2-08", "1", "B03"): ("HEPG2", "test", "treatment", "s21721", "855"),
    ("HUVEC-01", "4", "O23"): ("HUVEC", "train", "positive_control", "s35651", "1109"),
}
LACKS = ("HUVEC-01", "4", "O23", 2, 6)


def planes() -> list[tuple[str, str, str, int, int]]:
    return [
        (*well, site, channel) for well in WELLS for site in (1, 2) for channel in range(1, 7)
        if (*well, site, channel) != LACKS
    ]  # fmt: skip


def path(experiment: str, plate: str, well: str, site: int, channel: int) -> str:
    return f"{experiment}/Plate{plate}/{well}_s{site}_w{channel}.png"


def make(root: Path) -> None:
    _write.images(root, (f"rxrx1/images/{path(*plane)}" for plane in planes()))
    rows = []
    for (experiment, plate, well), (cell, dataset, kind, sirna, number) in WELLS.items():
        name = f"{experiment}_{plate}_{well}"
        for site in (1, 2):
            rows.append([f"{name}_{site}", name, cell, dataset, experiment, plate, well, site,
                         kind, sirna, number])  # fmt: skip
    _write.csv(root, "rxrx1/metadata.csv", HEADER, rows)
    _write.debris(root, f"rxrx1/images/{path(*planes()[0])}")


ROWS = 6
EXPECTED = {
    "rec_rxrx1/HEPG2-08/Plate1/B02_s1": {
        "files": "|".join(f"rxrx1/images/HEPG2-08/Plate1/B02_s1_w{n}.png" for n in range(1, 7)),
        "channels": "f_nucleus|f_er|f_actin|f_nucleoli|f_mitochondria|f_golgi",
        "cell_visible": "nucleus|er|actin|nucleoli|mitochondria|golgi",
        "sirna": "", "control": "negative", "cell_type": "hepg2", "organism": "human",
        "batch": "HEPG2-08", "plate": "1", "well": "B02", "site": "1", "compound": "",
        "gene": "", "group": "rec_rxrx1:HEPG2-08/Plate1/B02", "microscopy": "fluorescence",
        "missing": "", "bit_depth": 8, "licence": "CC-BY-NC-SA-4.0",
    },
    "rec_rxrx1/HEPG2-08/Plate1/B03_s2": {"sirna": "s21721", "control": ""},
    "rec_rxrx1/HUVEC-01/Plate4/O23_s1": {
        "sirna": "s35651", "control": "positive", "cell_type": "huvec", "missing": "",
    },
    "rec_rxrx1/HUVEC-01/Plate4/O23_s2": {
        "missing": "f_golgi",
        "channels": "f_nucleus|f_er|f_actin|f_nucleoli|f_mitochondria",
    },
}  # fmt: skip
