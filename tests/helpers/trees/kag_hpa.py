"""Human Protein Atlas 2018: three training fields, a test field, one field at full size."""

from __future__ import annotations

from pathlib import Path

from trees import _write

ONE = "00070df0-bbc3-11e8-b2bc-ac1f6b6435d0"
MANY = "000a6c98-bb9b-11e8-b2b9-ac1f6b6435d0"
FULL = "000a9596-bbc4-11e8-b2bc-ac1f6b6435d0"
TEST = "00008af0-bad0-11e8-b2b8-ac1f6b6435d0"
COLOURS = ("blue", "green", "red", "yellow")


def make(root: Path) -> None:
    for folder, name in (("train", ONE), ("train", MANY), ("test", TEST)):
        _write.images(root, (f"{folder}/{name}_{colour}.png" for colour in COLOURS))
    for colour in COLOURS:
        path = f"train_full_size/{FULL}_{colour}.tif"
        _write.image(root, path, shape=(32, 32), compression="lzw")
    rows = [[ONE, "25 0"], [MANY, "7 1 2 0"], [FULL, "7 6"]]
    _write.csv(root, "train.csv", ["Id", "Target"], rows)
    _write.csv(root, "sample_submission.csv", ["Id", "Predicted"], [[TEST, "0"]])
    _write.debris(root, f"train/{ONE}_blue.png")


ROWS = 16
EXPECTED = {
    f"kag_hpa/{ONE}_green.png": {
        "files": f"train/{ONE}_green.png", "cell_visible": "nucleoplasm|cell body",
        "channels": "f_protein", "group": f"hpa:{ONE}", "field": f"kag_hpa/{ONE}",
        "microscopy": "confocal", "organism": "human", "cell_type": "u2os",
        "licence": "unknown", "bit_depth": 8,
    },
    f"kag_hpa/{ONE}_blue.png": {"cell_visible": "nucleus", "channels": "f_nucleus"},
    f"kag_hpa/{ONE}_red.png": {"cell_visible": "microtubules", "channels": "f_microtubules"},
    f"kag_hpa/{ONE}_yellow.png": {"cell_visible": "er", "channels": "f_er"},
    # golgi and nucleoli are frequent: dropped while others remain.
    f"kag_hpa/{MANY}_green.png": {"cell_visible": "nucleoplasm|nuclear membrane"},
    # er goes first, then golgi is the last label and stays.
    f"kag_hpa/{FULL}_green.png": {
        "cell_visible": "golgi", "files": f"train_full_size/{FULL}_green.tif",
    },
    f"kag_hpa/{TEST}_green.png": {"cell_visible": "", "channels": "f_protein"},
}  # fmt: skip
