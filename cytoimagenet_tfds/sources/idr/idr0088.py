"""IDR idr0088: 1,008 compounds on 15 reporter lines, 1,199 plates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CELL_LINE, CONTROL, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Plates are called by their barcode, which is the folder's name.
_IMAGE = _names.below(
    r"(?:(?P<batch>p\d+PPS\d+)/(?P<run>[^/]+)/)?(?P<plate>\d{6,})", _names.CELL_VOYAGER
)
_STUDY = "idr0088-cox-phenomicprofiling"
_ANNOTATION = _study.table(_STUDY, "screenA/idr0088-screenA-annotation.csv.zip")

ANNOTATIONS = Kind(
    stem="idr0088-screenA-annotation",
    columns={
        "cell_type": CELL_LINE,
        "compound": ("Compound Name",),
        "phenotype": ("Compound MoA",),
        "dose": ("Compound Concentration (microMolar)",),
        "control": CONTROL,
        "stains": ("Channels",),
    },
    where=_ANNOTATION,
)
# 'Ch1 (blue): Nuclei/Cytoplasm, Ch2 (green): ACTB, Ch3 (red): RAB5A'
_STAIN = re.compile(r"Ch(\d)[^:]*:\s*([^,;]+)")
_MARKERS = ("2", "3")  # channels whose protein differs between lines


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: nuclei and two tagged proteins of each field."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report, ignore=_names.CELL_VOYAGER_SHADING)
    if files.empty:
        return files
    _names.add_wells(files)
    files["channel"] = files["channel"].str.lstrip("0")
    files["field"] = files["plate"] + "/" + files["well"] + "_F" + files["site"]
    files["group"] = files["plate"] + "/" + files["well"]
    files = files.drop(columns=["run", "time", "action", "focal"])
    files = _labels.label(files, _tables.Metadata(tree, report), (ANNOTATIONS,))
    files["control"] = _labels.controls(files["control"])
    files["concentration"] = _labels.numbers(files.pop("dose"))
    files["concentration_unit"] = _labels.unit(files["concentration"], "um")
    _add_markers(files)
    return files


def _add_markers(files: pd.DataFrame) -> None:
    """Names the tagged protein each green and red plane shows, where the table tells it."""
    stains = files.pop("stains")
    shown = {text: dict(_STAIN.findall(text)) for text in stains.unique()}
    files["cell_visible"], files["channels"] = "", ""
    for channel in _MARKERS:
        names = {text: stain.get(channel, "").strip().lower() for text, stain in shown.items()}
        name = stains.map(names).astype("str")
        here = (files["channel"] == channel) & (name != "")
        files["cell_visible"] = files["cell_visible"].mask(here, name)
        files["channels"] = files["channels"].mask(here, "f_" + name)


SOURCE = Source(
    dir_name="idr0088",
    name="Phenomic Profiling",
    database=_study.DATABASE,
    description=(
        "Living A549, HepG2 and WPMY-1 cells, 15 lines that carry a blue marker of nucleus and "
        "cytoplasm and two tagged proteins, treated with 1,008 drugs and tool compounds and 169 "
        "natural products at four concentrations: 1,199 plates of 384 wells, two to three fields."
    ),
    homepage=_study.screen(2651),
    licence="CC-BY-NC-4.0",
    licence_page="https://creativecommons.org/licenses/by-nc/4.0/",
    citation="""@article{cox2020tales,
  title={Tales of 1,008 small molecules: phenomic profiling through live-cell imaging in a panel of
    reporter cell lines},
  author={Cox, Michael J and others},
  journal={Scientific Reports},
  year={2020},
  doi={10.1038/s41598-020-69354-8}
}""",
    rows="field",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="BFP"),
        Channel(code="2", name="f_protein", stain="GFP fusion of one protein"),
        Channel(code="3", name="f_protein_2", stain="RFP or FusionRed fusion of one protein"),
    ),
    constants={"organism": "human"},
    expected_files=2_219_973,
    expected_rows=739_991,
    image_size=(1050, 1250),
    download_gb=5916,
    downloads=(
        _study.images(
            f"{_STUDY}/20200722-awss3/ds_hcs_02/PhenoPrintScreen/raw_images_for_IDR", "5.9 TB."
        ),
        *_study.tables(_ANNOTATION),
    ),
    manual=(
        "Mirror the batches: idr0088/p171224PPS139/PpsL05A549ActbRab5a_PPS139_20171225_200929/"
        "1013608248/1013608248_A01_T0001F001L01A01Z01C01.tif, and put the table beside them, "
        "as .csv or .csv.zip. " + _study.SAME_TREE
    ),
    unsure=("file names are those CellVoyager writes: <plate>_A01_T0001F001L01A01Z01C01.tif",),
    read=read,
)
