"""BBBC041: two photographs with boxes of every kind, also over the edge and without area."""

from __future__ import annotations

import json
from pathlib import Path

from trees import _write

FIRST = "8d02117d-6c71-4e47-b50a-6cc8d5eb1d55"
SECOND = "41be1bd3-0d31-4881-bf1f-3ccdfa21ff12"
ABSENT = "00000000-0d31-4881-bf1f-3ccdfa21ff12"
UNLISTED = "ffffffff-0d31-4881-bf1f-3ccdfa21ff12"
SHAPE = (40, 60)  # height, width
Box = tuple[int, int, int, int, str]

TRAINING: tuple[Box, ...] = (
    (0, 12, 0, 14, "red blood cell"),
    (10, 22, 30, 44, "trophozoite"),
    (30, 45, 50, 70, "leukocyte"),
    (-3, 9, 20, 30, "ring"),
    (5, 5, 5, 9, "red blood cell"),
    (50, 60, 5, 9, "schizont"),
    (20, 30, 5, 15, "difficult"),
)
TEST: tuple[Box, ...] = (
    (1, 11, 2, 12, "gametocyte"),
    (1, 11, 12, 22, "schizont"),
    (20, 30, 2, 12, "Red Blood Cell"),
)


def entry(name: str, suffix: str, boxes: tuple[Box, ...]) -> dict[str, object]:
    """One image as the JSON files write it."""
    objects = [
        {"bounding_box": {"minimum": {"r": top, "c": left}, "maximum": {"r": bottom, "c": right}},
         "category": category}
        for top, bottom, left, right, category in boxes
    ]  # fmt: skip
    shape = {"r": SHAPE[0], "c": SHAPE[1], "channels": 3}
    pathname = f"/images/{name}{suffix}"
    return {"image": {"checksum": "0", "pathname": pathname, "shape": shape}, "objects": objects}


def make(root: Path) -> None:
    for name in (f"{FIRST}.png", f"{SECOND}.jpg", f"{UNLISTED}.png"):
        _write.image(root, f"malaria/images/{name}", shape=(*SHAPE, 3))
    training = [entry(FIRST, ".png", TRAINING), entry(ABSENT, ".png", TEST)]
    _write.text(root, "malaria/training.json", json.dumps(training))
    _write.text(root, "malaria/test.json", json.dumps([entry(SECOND, ".jpg", TEST)]))
    _write.debris(root, f"malaria/images/{FIRST}.png")


ROWS = 8
EXPECTED = {
    f"bbbc041/images/{FIRST}#region=0,12,0,14": {
        "files": f"malaria/images/{FIRST}.png#region=0,12,0,14", "cell_type": "red blood cell",
        "phenotype": "uninfected", "organism": "human", "microscopy": "brightfield",
        "channels": "brightfield", "cell_visible": "", "batch": "training", "site": "1",
        "field": f"bbbc041/images/{FIRST}", "group": f"bbbc041:bbbc041/images/{FIRST}",
        "excluded": "", "licence": "CC-BY-NC-SA-3.0",
    },
    f"bbbc041/images/{FIRST}#region=10,22,30,44": {
        "cell_type": "red blood cell", "phenotype": "trophozoite", "site": "2",
    },
    f"bbbc041/images/{FIRST}#region=30,40,50,60": {
        "cell_type": "white blood cell", "phenotype": "", "site": "3",
    },
    f"bbbc041/images/{FIRST}#region=0,9,20,30": {"phenotype": "ring", "site": "4"},
    f"bbbc041/images/{FIRST}#region=20,30,5,15": {
        "cell_type": "", "phenotype": "", "excluded": "unlabelled", "site": "7",
    },
    f"bbbc041/images/{SECOND}#region=1,11,2,12": {
        "files": f"malaria/images/{SECOND}.jpg#region=1,11,2,12", "phenotype": "gametocyte",
        "batch": "test", "site": "1",
    },
    f"bbbc041/images/{SECOND}#region=20,30,2,12": {
        "cell_type": "red blood cell", "phenotype": "uninfected",
    },
}  # fmt: skip
SPARE = f"bbbc041/images/{SECOND}#region=1,11,2,12"
