"""HPA 2021: four stains, repeated numbers, a field in no table, 8 and 16 bits, a TFRecord."""

from __future__ import annotations

from pathlib import Path

from trees import _write

COLOURS = ("red", "green", "blue", "yellow")
TRAIN = {
    "5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0": "8|5|0",
    "744fabec-bb99-11e8-b2b9-ac1f6b6435d0": "13|13",
    "0b17f04c-bb99-11e8-b2b9-ac1f6b6435d0": "6|7",
    "0b27f04c-bb99-11e8-b2b9-ac1f6b6435d0": "2|3|16",
    "0b37f04c-bb99-11e8-b2b9-ac1f6b6435d0": "18",
}
TEST = "0040581b-f1f2-4fbe-b043-b6bfea5404bb"


def make(root: Path) -> None:
    _write.csv(root, "train.csv", ("ID", "Label"), TRAIN.items())
    header = ("ID", "ImageWidth", "ImageHeight", "PredictionString")
    _write.csv(root, "sample_submission.csv", header, [(TEST, 2048, 2048, "0 1 eNo=")])
    for number, field in enumerate(TRAIN):
        for colour in COLOURS:
            dtype = "uint16" if number == 1 else "uint8"
            _write.image(root, f"train/{field}_{colour}.png", dtype=dtype)
    _write.images(root, [f"test/{TEST}_{colour}.png" for colour in COLOURS])
    _write.raw(root, "train_tfrecords/train_tfrecords_000.tfrec", b"\0" * 16)
    _write.debris(root, f"test/{TEST}_red.png")


ROWS = 24
EXPECTED = {
    "kag_hpa_single/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0_green.png": {
        "cell_visible": "nucleoplasm|nuclear bodies|intermediate filaments",
        "channels": "f_protein", "organism": "human", "cell_type": "u2os",
        "microscopy": "confocal", "group": "hpa:5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0",
        "files": "train/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0_green.png", "phenotype": "",
        "field": "kag_hpa_single/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0", "excluded": "",
        "licence": "unknown", "bit_depth": -1,
    },
    "kag_hpa_single/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0_blue.png": {
        "cell_visible": "nucleus", "channels": "f_nucleus",
        "group": "hpa:5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0",
    },
    "kag_hpa_single/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0_red.png": {"cell_visible": "microtubules"},
    "kag_hpa_single/5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0_yellow.png": {"cell_visible": "er"},
    "kag_hpa_single/744fabec-bb99-11e8-b2b9-ac1f6b6435d0_green.png": {
        "cell_visible": "cell membrane",
    },
    "kag_hpa_single/0b17f04c-bb99-11e8-b2b9-ac1f6b6435d0_green.png": {"cell_visible": "golgi"},
    "kag_hpa_single/0b27f04c-bb99-11e8-b2b9-ac1f6b6435d0_green.png": {"cell_visible": "cell body"},
    "kag_hpa_single/0b37f04c-bb99-11e8-b2b9-ac1f6b6435d0_green.png": {"cell_visible": ""},
    f"kag_hpa_single/{TEST}_green.png": {"cell_visible": "", "channels": "f_protein"},
    f"kag_hpa_single/{TEST}_blue.png": {"cell_visible": "nucleus", "group": f"hpa:{TEST}"},
}  # fmt: skip
