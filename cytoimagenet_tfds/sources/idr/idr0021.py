"""IDR idr0021: centrosome proteins in HeLa cells, structured illumination."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _study
from cytoimagenet_tfds.sources.idr._kinds import CELL_LINE, PHENOTYPES, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)Raw-files/(?P<folder>(?:[^/]+/)+)(?P<name>[^/]+\.(?:dv|tiff?))$"
# The submission as it first came; the study's tables name the files of Raw-files alone.
_FIRST_SUBMISSION = r"(?:^|/)20160411-original/"
_STUDY = "idr0021-lawo-pericentriolarmaterial"
_ANNOTATION = _study.table(_STUDY, "experimentA/idr0021-experimentA-annotation.csv")
_PATHS = _study.table(_STUDY, "experimentA/idr0021-experimentA-filePaths.tsv")

_ANNOTATIONS = Kind(
    stem="idr0021-experimentA-annotation",
    keys={"dataset": ("Dataset Name",), "name": ("Image Name",)},
    columns={
        "gene": ("Comment [Gene Symbol]",),
        "cell_type": CELL_LINE,
        "phase": ("Characteristics [Cell Cycle Phase]",),
        "stains": ("Channels",),
    },
    pooled={"phenotype": PHENOTYPES},
    where=_ANNOTATION,
)
# `Channels` gives emission (nm) and target of every plane in file order: '525:CEP152; 615:PCNT'.
_STAIN = re.compile(r"\s*(\d+)\s*:\s*([^;]+?)\s*(?:;|$)")
_UNKNOWN = (("525", ""), ("615", ""))


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane of each projected image; the planes of a file stay together."""
    from cytoimagenet_tfds.sources.idr import _labels, _plates, _tables

    files = tree.match(_IMAGE, report, ignore=_FIRST_SUBMISSION)
    if files.empty:
        return files
    meta = _tables.Metadata(tree, report)
    folders = _plates.Folders(_plates.read(meta, "idr0021-experimentA-filePaths"))
    dataset = folders.plates("Raw-files/" + files["folder"].str.rstrip("/"))
    # Without the table: the first folder, which is the dataset but for those of CEP120.
    files["dataset"] = dataset.where(dataset != "", files["folder"].str.split("/").str[0])
    files["field"] = files["folder"] + files["name"]
    # Part of the file names lie in two datasets, one for each stained protein.
    files["group"] = files["name"]
    files["batch"] = files["folder"].str.rstrip("/")
    files = _labels.label(files, meta, (_ANNOTATIONS,), ("dataset", "name"))
    files["phenotype"] = files["phenotype"] + "|" + files.pop("phase")
    return _planes(files).drop(columns=["folder", "name", "dataset"])


def _planes(files: pd.DataFrame) -> pd.DataFrame:
    """Makes a line for each stain of a file, with its plane."""
    from cytoimagenet_tfds.sources.idr import _stacks

    stains = [tuple(_STAIN.findall(text)) or _UNKNOWN for text in files.pop("stains")]
    planes = [[(emission, plane) for plane, (emission, _) in enumerate(pairs)] for pairs in stains]
    lines = _stacks.spread(files, planes)
    targets = [target.lower() for pairs in stains for _, target in pairs]
    lines["channels"] = [f"f_{target}" if target else "" for target in targets]
    return lines


SOURCE = Source(
    dir_name="idr0021",
    name="Pericentriolar Material",
    database=_study.DATABASE,
    description=(
        "Centrosomes of HeLa cells in interphase, two or three proteins of the centriole or of "
        "the material around it stained by antibodies: 414 maximum projections of structured "
        "illumination stacks, about 256 pixels wide. The channels of a file are averaged."
    ),
    homepage=_study.project(51),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{lawo2012subdiffraction,
  title={Subdiffraction imaging of centrosomes reveals higher-order organizational features of
    pericentriolar material},
  author={Lawo, Steffen and Hasegan, Monica and Gupta, Gagan D and Pelletier, Laurence},
  journal={Nature Cell Biology},
  year={2012},
  doi={10.1038/ncb2591}
}""",
    rows="channel",
    stacked=True,
    channels=tuple(
        Channel(
            code=emission,
            name=f"f_centrosome_{emission}",
            visible="centrosome",
            stain=dye,
            optional=True,
        )
        for emission, dye in (
            ("442", "antibody, DyLight 405"),
            ("525", "antibody, Alexa Fluor 488"),
            ("615", "antibody, Alexa Fluor 594"),
        )
    ),
    constants={"organism": "human", "cell_type": "hela"},
    expected_files=414,
    expected_rows=414,
    pixel_size=0.0396,
    download_gb=0.25,
    downloads=(
        _study.images(f"{_STUDY}/Raw-files", "0.25 GB."),
        *_study.tables(_ANNOTATION, _PATHS),
    ),
    manual=(
        "Mirror the folder Raw-files: idr0021/Raw-files/CEP152/Cep152_gTub_20111105/"
        "<name>_SIR_PRJ.dv, and put the tables beside it. " + _study.SAME_TREE
    ),
    unsure=(
        "planes of a file follow the column Channels",
        "the eight TIFFs hold one page per channel",
        "0.0396 micrometres a pixel, known of one image",
    ),
    read=read,
)
