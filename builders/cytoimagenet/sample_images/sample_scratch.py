"""A scratch assay with nuclei and transmitted light, as ndev-sampledata ships it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source

from . import ndev, tiles

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)(?P<field>t\d_(?P<site>r\dc\d))_(?P<channel>H3342|oblique|mask)\.(?:tif|png)$"
_NUCLEI = "nuclei.csv"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; a place where the origin labels no nucleus is left out as empty.

    The two masks stay in on purpose: they show what becomes of a mask that a reader lets through.
    """
    from cytoimagenet_tfds.sources import joins

    files: pd.DataFrame = tiles.read(tree, report, pattern=_IMAGE)
    path = tree.find(_NUCLEI)
    if path is None:
        report.fatal(f"{_NUCLEI} is missing: it says which tiles are empty.")
    if files.empty or path is None:
        return files
    nuclei = tree.read_table(path).rename(columns={"tile": "field"})
    files = joins.join(files, nuclei, ["field"], report, _NUCLEI)
    files["excluded"] = files.pop("nuclei").map({"0": "empty"}).fillna("")
    return files


SOURCE = Source(
    dir_name="sample_scratch",
    name="Scratch assay (ndev-sampledata)",
    database=tiles.DATABASE,
    description=(
        "Four frames of a scratch assay at five places: nuclei in fluorescence, and the cells in "
        "oblique transmitted light, which is a row of its own. Two masks of nuclei are among them: "
        "the build rejects them as binary."
    ),
    homepage=ndev.PAGE,
    licence=ndev.LICENCE,
    licence_page=ndev.PAGE,
    citation=ndev.CITATION,
    rows="field",
    channels=(
        Channel(code="H3342", name="f_nucleus", visible="nucleus", stain="Hoechst 33342"),
        Channel(
            code="oblique", name="oblique", visible="cell body", microscopy="brightfield",
            merge=False,
        ),
        Channel(code="mask", name="mask", microscopy="", stain="nuclei as labelled", merge=False),
    ),
    constants={"phenotype": "scratch assay"},
    expected_files=42,
    expected_rows=42,
    image_size=(210, 115),
    pixel_size=0.619,
    manual="sample_scratch/t0_r0c0_H3342.tif and nuclei.csv: the package holds the files.",
    read=read,
)  # fmt: skip
