"""BBBC006: U2OS cells, in focus and out of focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# No separator stands between the channel digit and the GUID; the GUID differs per focal plane.
_IMAGE = (
    r"(?:_z_(?P<folder_z>\d\d)/)?(?:(?<=/)|^)(?:(?P<prefix_z>\d\d)_)?"
    r"mcf-z-stacks-03212011_(?P<well>[a-p]\d\d)_s(?P<site>[12])_w(?P<channel>[12])[0-9a-f-]{36}\.tif$"
)
_LABELS = r"(^|/)BBBC006_v1_labels/"
_BEST_FOCUS = 16


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file. Of several focal planes of a field the one nearest to 16 is a row."""
    files = tree.match(_IMAGE, report, ignore=_LABELS)
    _site.note_left_out(tree, report, _LABELS, "label images")
    if files.empty:
        return files
    well = files["well"].str.lower()
    plane = files["folder_z"].where(files["folder_z"] != "", files["prefix_z"])
    plane = plane.where(plane != "", f"{_BEST_FOCUS}")
    files["field"] = "z_" + plane + "/" + well + "_s" + files["site"]
    files["canonical"] = files["field"] + "_w" + files["channel"] + ".tif"
    files["group"] = "bbbc006:" + well
    files["well"] = well.str.upper()
    number = plane.astype(int)
    # Twice, so that of the planes below and above the lower one is nearer.
    distance = 2 * (number - _BEST_FOCUS).abs() + (number > _BEST_FOCUS)
    nearest = distance.groupby([well, files["site"], files["channel"]]).transform("min")
    files["excluded"] = (distance > nearest).map({True: "other focal plane", False: ""})
    return files.drop(columns=["folder_z", "prefix_z"])


SOURCE = Source(
    dir_name="bbbc006",
    name="Human U2OS cells (out of focus)",
    database=_site.DATABASE,
    description=(
        "U2OS cells of one 384-well plate at two sites a well, stained for nuclei and actin, in 34 "
        "focal planes 2 micrometres apart. CytoImageNet uses plane 16, the best focus."
    ),
    homepage=_site.page(6),
    licence="CC0-1.0",
    licence_page=_site.page(6),
    citation="""@article{bray2012workflow,
  title={Workflow and metrics for image quality control in large-scale high-content screens},
  author={Bray, Mark-Anthony and Fraser, Adam N and Hasaka, Thomas P and Carpenter, Anne E},
  journal={Journal of Biomolecular Screening},
  year={2011},
  doi={10.1177/1087057111420292}
}""",
    rows="channel",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="Hoechst 33342"),
        Channel(code="2", name="f_actin", visible="actin", stain="phalloidin"),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=1536,
    expected_rows=1536,
    image_size=(520, 696),
    bit_depth=12,
    download_gb=0.8,
    downloads=(
        Download(
            url=_site.address(6, "BBBC006_v1_images_z_16.zip"),
            note="The focal plane that is used, about 0.8 GB.",
        ),
        Download(
            url=_site.address(6, "BBBC006_v1_labels.zip"),
            note="Segmentation labels, 9.8 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC006_v1_images_z_16.zip: bbbc006/BBBC006_v1_images_z_16/"
        "mcf-z-stacks-03212011_a01_s1_w1<GUID>.tif"
    ),
    read=read,
)
