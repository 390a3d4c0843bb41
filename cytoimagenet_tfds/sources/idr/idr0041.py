"""IDR idr0041: mitotic cell atlas, GFP-tagged proteins in dividing HeLa cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _study
from cytoimagenet_tfds.sources.idr._kinds import CELL_LINE, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# <assay>/<cell>/rawtif/TR1_W0001_P0007_T0001.tif as submitted first, later
# <delivery>/<assay>_raw/<cell>_T0001.tif.
_IMAGE = (
    r"(?:(?:^|/)(?P<delivery>\d{8}-ftp))?(?:^|/)(?P<assay>\d{6}_[^/]+_MitoSys\d+)(?:_raw)?/"
    r"(?:(?P<cell>cell\d+_R\d+)/)?(?:rawtif/)?(?P<name>[^/]+)_T(?P<time>\d+)\.tiff?$"
)
# Segmentation and concentration maps are computed from the raw images.
_DERIVED = r"(?:_|/)(?:mask|conc)(?:tif)?/"
_STUDY = "idr0041-cai-mitoticatlas"
_ANNOTATION = _study.table(_STUDY, "experimentA/idr0041-experimentA-annotation.csv")

_ANNOTATIONS = Kind(
    stem="idr0041-experimentA-annotation",
    keys={"dataset": ("Dataset Name",)},
    columns={"gene": ("Comment [Gene Symbol]",), "cell_type": CELL_LINE},
    where=_ANNOTATION,
)
# 31 focal planes of three channels: protein, chromatin, cell outline (left out: it shows what is
# around the cell). Of the depth the middle plane is taken.
_DEPTH, _CHANNELS, _MIDDLE = 31, 3, 15
_PLANES = (("protein", 0), ("chromatin", 1))


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """Two lines per raw file: the middle planes of protein and chromatin at one time."""
    from cytoimagenet_tfds.sources.idr import _labels, _stacks, _tables

    files = tree.match(_IMAGE, report, ignore=_DERIVED)
    if files.empty:
        return files
    name, delivery, assay = files.pop("name"), files.pop("delivery"), files.pop("assay")
    cell = files["cell"].where(files["cell"] != "", name)
    first = assay + "/" + cell + "/rawtif/" + name
    later = delivery + "/" + assay + "_raw/" + cell
    files["field"] = later.where(delivery != "", first) + "_T" + files["time"]
    files["group"] = assay + "/" + cell
    files["cell"], files["assay"] = cell, assay
    _labels.mark_copies(files, ["assay", "cell", "time"], _labels.newest_first(delivery))
    files["batch"], files["site"], files["dataset"] = assay, cell, assay + "_raw"
    files = _labels.label(files, _tables.Metadata(tree, report), (_ANNOTATIONS,), ("dataset",))
    protein = files["gene"]
    files["gene"] = _labels.symbols(protein)
    stack = _stacks.Layout(channels=_CHANNELS, depth=_DEPTH)
    planes = [(code, stack.plane(number, _MIDDLE)) for code, number in _PLANES]
    lines = _stacks.spread(files.assign(protein=protein), [planes] * len(files))
    lines["cell_visible"] = lines.pop("protein").where(lines["channel"] == "protein", "")
    return lines.drop(columns=["cell", "time", "assay", "dataset"])


SOURCE = Source(
    dir_name="idr0041",
    name="Mitotic Atlas",
    database=_study.DATABASE,
    description=(
        "Dividing HeLa cells, each line with one mitotic protein tagged by GFP at its own locus: "
        "504 cells of 92 experiments, 40 time points 90 s apart, 31 focal planes. A row is one "
        "time point: the middle focal plane of the protein and of chromatin."
    ),
    homepage=_study.project(404),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{cai2018experimental,
  title={Experimental and computational framework for a dynamic protein atlas of human cell
    division},
  author={Cai, Yin and others},
  journal={Nature},
  year={2018},
  doi={10.1038/s41586-018-0518-z}
}""",
    rows="channel",
    stacked=True,
    channels=(
        Channel(
            code="protein",
            name="f_protein",
            microscopy="confocal",
            stain="GFP fusion of one protein",
        ),
        Channel(
            code="chromatin",
            name="f_chromatin",
            visible="chromatin",
            microscopy="confocal",
            stain="SiR-DNA or mCherry",
        ),
    ),
    constants={"organism": "human", "cell_type": "hela", "phenotype": "mitosis"},
    expected_files=20_160,
    expected_rows=20_160,
    image_size=(256, 256),
    pixel_size=0.25,
    download_gb=501,
    downloads=(
        _study.images(_STUDY, "0.5 TB; masks and concentration maps are not needed."),
        *_study.tables(_ANNOTATION),
    ),
    manual=(
        "Mirror the experiments: idr0041/140411_KIF11_MitoSys1/cell0003_R0028/rawtif/"
        "TR1_W0001_P0007_T0001.tif, or the later deliveries idr0041/201807NN-ftp/"
        "140411_KIF11_MitoSys1_raw/cell0003_R0028_T0001.tif, and put the table beside them. "
        "Where both are there the later one is a row. " + _study.SAME_TREE
    ),
    unsure=(
        "pages of a TIFF run through the three channels before the next focal plane",
        "bit depth",
        "files of the later deliveries are called <cell>_T0001.tif",
    ),
    read=read,
)
