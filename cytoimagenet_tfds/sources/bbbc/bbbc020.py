"""BBBC020: bone-marrow derived macrophages, nuclei and surface, as pseudo-coloured RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Names hold spaces ('jw-1h 1_c5.TIF'); an outline has a number more ('jw-1h 1_c5_12.TIF').
_IMAGE = r"(?:^|/)(?P<field>jw-(?P<batch>[^/_]+?) ?(?P<site>\d+)?)_(?P<channel>c[15])\.tiff?$"
_MERGED = r"_\(c1\s*\+\s*c5\)\.tiff?$"
# The archive of the nuclei unpacks to a folder that lacks a B. One outline has no bytes.
_OUTLINES = r"(?:^|/)BB?BC020_v1_outlines_|(?:^|/)jw-[^/]+_c[15]_\d+\.tiff?$"
_CONTROL = "kontrolle"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per stain; the published overlay of both is a copy and no row."""
    files = tree.match(_IMAGE, report, ignore=f"{_MERGED}|{_OUTLINES}")
    if files.empty:
        return files
    _site.note_left_out(tree, report, _OUTLINES, "outlines")
    files["channel"] = files["channel"].str.lower()
    files["canonical"] = files["field"] + "_" + files["channel"] + ".TIF"
    is_control = files["batch"].str.lower() == _CONTROL
    files["control"] = is_control.map({True: "negative", False: ""})
    return files


SOURCE = Source(
    dir_name="bbbc020",
    name="Murine bone-marrow derived macrophages",
    database=_site.DATABASE,
    description=(
        "Macrophages from mouse bone marrow, untreated and 15 minutes to 24 hours after "
        "stimulation, stained for CD11b on the surface and for nuclei: 25 fields."
    ),
    homepage=_site.page(20),
    licence="CC-BY-NC-SA-3.0",
    licence_page=_site.page(20),
    citation="""@article{wenzel2011measurement,
  title={Measurement of TLR-Induced Macrophage Spreading by Automated Image Analysis: Differential
    Role of Myd88 and MAPK in Early and Late Responses},
  author={Wenzel, Jens and others},
  journal={Frontiers in Physiology},
  year={2011},
  doi={10.3389/fphys.2011.00071}
}""",
    rows="channel",
    channels=(
        Channel(code="c1", name="f_cell_membrane", visible="cell membrane", stain="CD11b/APC"),
        Channel(code="c5", name="f_nucleus", visible="nucleus", stain="DAPI"),
    ),
    constants={"organism": "mouse", "cell_type": "macrophage"},
    expected_files=75,
    expected_rows=50,
    image_size=(1040, 1388),
    bit_depth=8,
    download_gb=0.092,
    downloads=(
        Download(url=_site.address(20, "BBBC020_v1_images.zip"), note="The images, 92 MB."),
        Download(
            url=_site.address(20, "BBBC020_v1_outlines_nuclei.zip"),
            note="Outlines of nuclei, 2.0 MB.",
            needed=False,
        ),
        Download(
            url=_site.address(20, "BBBC020_v1_outlines_cells.zip"),
            note="Outlines of cells, 1.7 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC020_v1_images.zip: bbbc020/BBBC020_v1_images/jw-1h 1/jw-1h 1_c1.TIF and "
        "bbbc020/BBBC020_v1_images/jw-Kontrolle1/jw-Kontrolle1_c5.TIF"
    ),
    unsure=("How many of the seven sets at 2 and 24 hours belong to which time.",),
    read=read,
)
