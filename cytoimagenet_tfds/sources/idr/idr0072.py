"""IDR idr0072: reference library of subcellular localizations, two cell lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CELL_LINE, ORGANISM, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Folder names occur in several deliveries, so the delivery is part of what identifies a plate.
_IMAGE = rf"(?:^|/)(?P<folder>\d{{8}}-[a-z]+/(?:[^/]+/)*[^/]+)/{_names.OPERA}"
_STUDY = "idr0072-schormann-subcellref"
_SCREENS = ("A", "B")


def _url(screen: str, name: str) -> str:
    return _study.table(_STUDY, f"screen{screen}/idr0072-screen{screen}-{name}")


_KINDS = tuple(
    Kind(
        stem=f"idr0072-screen{screen}-annotation",
        columns={
            "organism": ORGANISM,
            "cell_type": CELL_LINE,
            "gene": ("Comment [Gene Symbol]",),
            "structure": ("Experimental Condition [Subcellular Localization]",),
        },
        where=_url(screen, "annotation.csv"),
    )
    for screen in _SCREENS
)
# Planes of a .flex file.
_PLANES = (("1", 0), ("2", 1))


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """Two lines per file: nuclei and the marker protein of one field."""
    from cytoimagenet_tfds.sources.idr import _labels, _plates, _stacks, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    meta = _tables.Metadata(tree, report)
    folders = _plates.read(meta, "idr0072-screen[AB]-plates")
    if not folders:
        report.note(
            "missing table",
            "No table idr0072-screen[AB]-plates* lies here: folders are spelled unlike plates, so "
            f"that no label can be joined. Get it from {_url('A', 'plates.tsv')}",
        )
    files["plate"] = _plates.Folders(folders).plates(files["folder"])
    files["plate"] = files["plate"].where(files["plate"] != "", files["folder"])
    files["field"] = files["folder"] + "/" + files["row"] + files["column"] + files["site"]
    files["canonical"] = files["field"] + ".flex"
    _names.add_wells(files)
    files["group"] = files.pop("folder") + "/" + files["well"]
    files = _labels.label(files, meta, _KINDS)
    files["organism"] = _labels.organisms(files["organism"])
    files["gene"] = _labels.symbols(files["gene"])
    files["structure"] = _labels.structures(files["structure"])
    lines = _stacks.spread(files, [_PLANES] * len(files))
    lines["cell_visible"] = lines.pop("structure").where(lines["channel"] == "2", "")
    return lines


SOURCE = Source(
    dir_name="idr0072",
    name="Subcellular Localization",
    database=_study.DATABASE,
    description=(
        "Living human MCF 10A and mouse NMuMG cells that express one of 20 and 17 EGFP fusion "
        "proteins, landmarks of organelles: 94 plates, two channels in each file, averaged."
    ),
    homepage=_study.screen(2952),
    links=(_study.screen(2953),),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{schormann2020reference,
  title={A reference library for assigning protein subcellular localizations by image-based machine
    learning},
  author={Schormann, Wiebke and Hariharan, Santosh and Andrews, David W},
  journal={Journal of Cell Biology},
  year={2020},
  doi={10.1083/jcb.201904090}
}""",
    rows="channel",
    stacked=True,
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="DRAQ5"),
        Channel(code="2", name="f_protein", stain="EGFP fusion of one protein"),
    ),
    expected_files=131_476,
    expected_rows=131_476,
    bit_depth=12,
    download_gb=533,
    downloads=(
        _study.images(_STUDY, "0.53 TB."),
        *_study.tables(*(_url(s, n) for s in _SCREENS for n in ("annotation.csv", "plates.tsv"))),
    ),
    manual=(
        "Mirror all deliveries: idr0072/20210420-plates/"
        "WS_MCF10A_landmarks_20180613_Meas_01/001001001.flex, and put the tables beside them; "
        "plates.tsv is needed to join folders and plates. " + _study.SAME_TREE
    ),
    unsure=(
        "a .flex file holds the nuclei in its first plane and the protein in its second",
        "a .flex file is one field",
    ),
    read=read,
)
