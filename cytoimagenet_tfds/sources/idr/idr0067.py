"""IDR idr0067: nuclear pores and organelles during yeast meiosis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _study
from cytoimagenet_tfds.sources.idr._kinds import Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?:Figure [^/]+/)*(?P<dataset>Figure [^/]+)/(?:[^/]+/)*?"
    r"(?P<name>[^/]+\.(?:dv|tiff?))$"
)
_STUDY = "idr0067-king-yeastmeiosis"
_ANNOTATION = _study.table(_STUDY, "experimentA/idr0067-experimentA-annotation.csv")

_ANNOTATIONS = Kind(
    stem="idr0067-experimentA-annotation",
    keys={"dataset": ("Dataset Name",), "name": ("Image Name",)},
    columns={
        "gene": ("Comment [Gene Symbol] 1",),
        "background": ("Comment [Genetic Background]",),
        "imaging": ("Experimental Condition [Imaging Type]",),
    },
    pooled={"proteins": r"comment protein [12]"},
    where=_ANNOTATION,
)
# What a file is, by its name, in this order; a TIFF that fits none is an electron micrograph.
_ROLES = {
    "reference": r"_R3D_REF\.dv$",
    "deconvolved": r"_D3D\.dv$",
    "raw": r"\.dv$",
    "projected": r"(?:zproj|_D3D)[^/]*\.tiff?$",
}
# Of the copies of one field the first that is there is a row. A projection shows all of the depth.
_PREFERRED = {"projected": 0, "deconvolved": 1, "raw": 2, "reference": 0, "electron": 0}
_COPY_ENDING = r"(?i)(?:_R3D.*|_D3D.*|[ _-]*zproj.*|\.dv|\.tiff?)$"
_FLUORESCENT = ("1", "2", "3")


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per channel of each file; z and t are the middle plane of the first time point."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["field"] = files["canonical"] = files["dataset"] + "/" + files["name"]
    meta = _tables.Metadata(tree, report)
    files = _labels.label(files, meta, (_ANNOTATIONS,), ("dataset", "name"))
    role = _role(files["name"], files.pop("imaging"))
    stem = files["dataset"] + "/" + files["name"].str.replace(_COPY_ENDING, "", regex=True)
    files["group"] = stem
    files["what"] = role.where(role.isin(("reference", "electron")), "fluorescence")
    _labels.mark_copies(files, ["group", "what"], role.map(_PREFERRED))
    electron = role == "electron"
    files["excluded"] = files["excluded"].mask(electron, "electron microscopy")
    files["phenotype"] = "meiosis|" + files.pop("background")
    files["gene"] = _labels.symbols(files["gene"])
    shown = files["what"] == "fluorescence"
    files["cell_visible"] = files.pop("proteins").where(shown, "")
    return _planes(tree, report, files).drop(columns=["dataset", "name", "what"])


def _role(names: pd.Series, imaging: pd.Series) -> pd.Series:
    """Says what each file is; a TIFF the names leave open is what the table calls it."""
    by_name = {name: _role_by_name(name) for name in names.unique()}
    role = names.map(by_name).astype("str")
    stated = (imaging != "") & ~imaging.str.contains("electron", case=False)
    return role.mask((role == "electron") & stated, "projected")


def _role_by_name(name: str) -> str:
    fitting = (role for role, pattern in _ROLES.items() if re.search(pattern, name, re.IGNORECASE))
    return next(fitting, "electron")


def _planes(tree: Tree, report: Report, files: pd.DataFrame) -> pd.DataFrame:
    """Makes a line for each channel of a file, with the plane its header points to."""
    from cytoimagenet_tfds.sources.idr import _stacks

    planes: list[list[tuple[str, int]]] = []
    unread: list[str] = []
    for path, what in zip(files["path"], files["what"], strict=True):
        if what != "fluorescence":
            planes.append([(what, 0)])
            continue
        layout = _stacks.layout(tree, path)
        if layout is None or layout.channels > len(_FLUORESCENT):
            unread.append(path)
            layout = _stacks.Layout(channels=1)
        planes.append(list(zip(_FLUORESCENT, layout.middle(), strict=False)))
    if unread:
        report.note(
            "unknown layout",
            f"{wording.counted(len(unread), 'file does', 'files do')} not say how many channels "
            "there are; the first plane is taken.",
            unread,
        )
    return _stacks.spread(files, planes)


SOURCE = Source(
    dir_name="idr0067",
    name="Yeast Meiosis",
    database=_study.DATABASE,
    description=(
        "Budding yeast in meiosis with one or two tagged proteins: DeltaVision stacks as taken, "
        "deconvolved and projected, transmitted light beside each, and electron micrographs, "
        "which are left out. Of the three copies of a stack the projection is a row; of stacks the "
        "middle plane, of films the first time point is used."
    ),
    homepage=_study.project(904),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{king2019meiotic,
  title={Meiotic cellular rejuvenation is coupled to nuclear remodeling in budding yeast},
  author={King, Grant A and Goodman, Jay S and others},
  journal={eLife},
  year={2019},
  doi={10.7554/eLife.47156}
}""",
    rows="channel",
    stacked=True,
    channels=(
        Channel(code="1", name="f_protein", stain="FITC: GFP fusion"),
        Channel(code="2", name="f_protein_2", stain="mCherry fusion", optional=True),
        Channel(code="3", name="f_nucleus", stain="DAPI", optional=True),
        Channel(
            code="reference",
            name="brightfield",
            visible="cell body",
            microscopy="brightfield",
            merge=False,
        ),
        Channel(code="electron", name="electron", microscopy="electron", merge=False),
    ),
    constants={"organism": "yeast"},
    expected_files=419,
    expected_rows=251,
    download_gb=285,
    downloads=(
        _study.images(f"{_STUDY}/20190904-ftp", "0.285 TB with the next."),
        _study.images(f"{_STUDY}/20190924-ftp", "Figure 1B."),
        *_study.tables(_ANNOTATION),
    ),
    manual=(
        "Mirror both deliveries: idr0067/20190904-ftp/Figure 2/Figure 2A/<name>_R3D.dv, "
        "idr0067/20190924-ftp/Figure 1B/..., and put the table beside them. " + _study.SAME_TREE
    ),
    unsure=(
        "DeltaVision files hold the channels in the order FITC, mCherry, DAPI",
        "TIFFs that are neither called zproj nor _D3D are electron micrographs",
    ),
    read=read,
)
