"""BBBC010: living and dead C. elegans.

The page calls channel 1 brightfield and channel 2 GFP; the files say otherwise, in their MetaMorph
tags and by their pixels: w1 is fluorescence (Sytox Orange), w2 transmitted light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)1649_1109_0003_Amp5-1_B_20070424_(?P<well>[a-p]\d\d)_w(?P<channel>[12])"
    r"_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tif$"
)
_MASKS = r"_(?:binary|ground_truth)\.png$"
_TREATED_COLUMNS = 12  # 01 to 12 got ampicillin and mostly live


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the plate column tells the living from the dead."""
    files = tree.match(_IMAGE, report, ignore=_MASKS)
    _site.note_left_out(tree, report, _MASKS, "label masks")
    if files.empty:
        return files
    files["well"] = files["well"].str.upper()
    files["field"] = files["well"]
    files["canonical"] = files["well"] + "_w" + files["channel"] + ".tif"
    treated = files["well"].str[1:].astype(int) <= _TREATED_COLUMNS
    files["phenotype"] = treated.map({True: "wildtype", False: "dead"})
    files["compound"] = treated.map({True: "ampicillin", False: ""})
    return files


SOURCE = Source(
    dir_name="bbbc010",
    name="C. elegans live/dead assay",
    database=_site.DATABASE,
    description=(
        "Nematodes infected with Enterococcus faecalis in wells of a 384-well plate: with "
        "ampicillin (columns 1 to 12) most live, without (columns 13 to 24) most are dead. One "
        "fluorescence image (Sytox Orange, which stains dead worms) and one in transmitted light "
        "per well."
    ),
    homepage=_site.page(10),
    licence="unknown",
    licence_page=_site.page(10),
    citation="""@article{moy2009infection,
  author={Moy and others},
  journal={ACS Chemical Biology},
  year={2009},
  doi={10.1021/cb900084v}
}
@article{wahlby2012worms,
  author={W{\\"a}hlby and others},
  journal={Nature Methods},
  year={2012},
  doi={10.1038/nmeth.1984}
}""",
    rows="channel",
    channels=(
        Channel(code="1", name="f_dead cells", stain="Sytox Orange"),
        Channel(code="2", name="brightfield", microscopy="brightfield", merge=False),
    ),
    constants={"organism": "nematode"},
    expected_files=200,
    expected_rows=200,
    image_size=(520, 696),
    bit_depth=12,
    download_gb=0.07,
    downloads=(
        Download(url=_site.address(10, "BBBC010_v2_images.zip"), note="All images, 70 MB."),
        Download(
            url=_site.address(10, "BBBC010_v1_foreground.zip"),
            note="Masks of all worms, 1.1 MB.",
            needed=False,
        ),
        Download(
            url=_site.address(10, "BBBC010_v1_foreground_eachworm.zip"),
            note="Masks of each worm, 2.7 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC010_v2_images.zip: bbbc010/BBBC010_v2_images/"
        "1649_1109_0003_Amp5-1_B_20070424_C01_w1_<GUID>.tif"
    ),
    unsure=("The folder inside BBBC010_v2_images.zip; any folder is accepted.",),
    read=read,
)
