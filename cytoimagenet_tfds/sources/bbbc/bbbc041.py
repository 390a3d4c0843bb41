"""BBBC041: blood smears with P. vivax; every annotated box is an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _boxes, _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)(?P<name>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.(?:png|jpe?g)$"
_TABLES = {"training": "training.json", "test": "test.json"}

# category -> cell_type, phenotype. The stages live in red blood cells.
_CATEGORIES = {
    "red blood cell": ("red blood cell", "uninfected"),
    "leukocyte": ("white blood cell", ""),
    "gametocyte": ("red blood cell", "gametocyte"),
    "ring": ("red blood cell", "ring"),
    "trophozoite": ("red blood cell", "trophozoite"),
    "schizont": ("red blood cell", "schizont"),
}
# The annotators could not name these cells: rows, but left out unless asked for.
_DIFFICULT = "difficult"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per annotated box, as a region of its photograph."""
    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    photographs = dict(zip(files["name"].str.lower(), files["path"], strict=True))
    boxes = _boxes.read(tree, _TABLES, report)
    if boxes.empty:
        return boxes
    _note_differences(boxes, photographs, report)
    boxes = boxes[boxes["name"].isin(photographs)].reset_index(drop=True)
    boxes["path"] = boxes["name"].map(photographs)
    boxes["field"] = "images/" + boxes["name"]
    boxes["canonical"] = boxes["field"]
    boxes["channel"] = "colour"
    _add_labels(boxes, report)
    return boxes.drop(columns=["name", "category"])


def _note_differences(boxes: pd.DataFrame, photographs: dict[str, str], report: Report) -> None:
    """Reports photographs without boxes, and boxes without photograph."""
    listed = set(boxes["name"])
    unlisted = [path for name, path in photographs.items() if name not in listed]
    if unlisted:
        report.note(
            "not in table",
            f"{wording.counted(len(unlisted), 'photograph has', 'photographs have')} no box in "
            f"{', '.join(_TABLES.values())}.",
            unlisted,
        )
    absent = sorted(listed - set(photographs))
    if absent:
        report.note(
            "missing file",
            f"{wording.counted(len(absent), 'annotated photograph')} not there.",
            absent,
        )


def _add_labels(boxes: pd.DataFrame, report: Report) -> None:
    category = boxes["category"]
    boxes["cell_type"] = category.map({name: cell for name, (cell, _) in _CATEGORIES.items()})
    boxes["phenotype"] = category.map({name: stage for name, (_, stage) in _CATEGORIES.items()})
    boxes["excluded"] = category.isin(_CATEGORIES).map({True: "", False: "unlabelled"})
    unknown = ~category.isin([*_CATEGORIES, _DIFFICULT])
    if unknown.any():
        report.note(
            "unknown category",
            f"{int(unknown.sum()):,} boxes have none of the categories "
            f"{', '.join([*_CATEGORIES, _DIFFICULT])}; they are left out as unlabelled.",
            category[unknown].unique().tolist(),
        )


SOURCE = Source(
    dir_name="bbbc041",
    name="P. vivax (malaria) infected human blood smears",
    database=_site.DATABASE,
    description=(
        "Giemsa stained blood smears of malaria patients in brightfield. Each annotated cell is "
        "an image: red blood cells, uninfected or with a stage of Plasmodium vivax, and white "
        "blood cells. Cells the annotators found too difficult are left out by default."
    ),
    homepage=_site.page(41),
    links=("https://arxiv.org/abs/1804.09548",),
    licence="CC-BY-NC-SA-3.0",
    licence_page=_site.page(41),
    citation=_site.CITATION,
    rows="channel",
    channels=(
        Channel(
            code="colour",
            name="brightfield",
            microscopy="brightfield",
            stain="Giemsa",
            merge=False,
        ),
    ),
    constants={"organism": "human"},
    expected_files=1328,
    bit_depth=8,
    download_gb=2.26,
    downloads=(Download(url=_site.address(41, "malaria.zip"), note="Images and boxes, 2.26 GB."),),
    manual=(
        "Unpack malaria.zip: bbbc041/malaria/images/<uuid>.png and .jpg, "
        "bbbc041/malaria/training.json, bbbc041/malaria/test.json"
    ),
    unsure=(
        "The number of photographs: 1,208 for training and 120 for test by other readers, 1,364 by "
        "the page; about 86,000 boxes.",
        "How the author mapped the categories in the end: stages are phenotypes here.",
    ),
    read=read,
)
