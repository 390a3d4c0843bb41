"""BBBC045: white blood cells in imaging flow cytometry, as montages of single cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?P<subject>[^/]+)/(?P<kind>[^/]+)/(?P<run>[^/]+)/"
    r"ch_?0*(?P<channel>[1-9]\d?)_(?P<site>\d+)\.tiff?$"
)
_KINDS = {
    "b": "b-cell",
    "t": "t-cell",
    "eosinophil": "eosinophil",
    "monocyte": "monocyte",
    "neutrophil": "neutrophil",
}

# A montage is a grid of 30 x 30 cells of 55 pixels, black from the last cell on. One row of the
# table is the part the author used: 13 x 15 whole cells from the upper left corner.
CELL = 55
_ROWS, _COLUMNS = 13, 15
REGION = (0, _ROWS * CELL, 0, _COLUMNS * CELL)
_CHANNELS = 12  # an ImageStream has twelve at most


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per montage file, cut to whole cells; the folder names the kind of cell."""
    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    kinds = {text: _kind(text) for text in files["kind"].unique()}
    unknown = sorted(text for text, kind in kinds.items() if not kind)
    if unknown:
        report.note(
            "unknown cell type",
            f"{wording.counted(len(unknown), 'folder names', 'folders name')} none of "
            f"{', '.join(_KINDS)}; the cells are called white blood cell alone.",
            unknown,
        )
    place = files["subject"] + "/" + files["kind"] + "/" + files["run"] + "/"
    files["cell_type"] = files["kind"].map(lambda text: f"white blood cell|{kinds[text]}")
    files["field"] = place + files["site"]
    files["canonical"] = place + "ch" + files["channel"] + "_" + files["site"] + ".tif"
    files["region"] = ",".join(map(str, REGION))
    files["batch"] = files["subject"] + "/" + files["run"]
    files["group"] = "bbbc045:" + files["subject"]  # the donor
    return files.drop(columns=["subject", "kind", "run"])


def _kind(folder: str) -> str:
    """Returns the kind of cell a folder names: 'B', 'B-cells' and 'b cell' are one; '' for none."""
    text = re.sub(r"[^a-z]", "", folder.lower())
    return _KINDS.get(re.sub(r"(cells?|s)$", "", text), "")


SOURCE = Source(
    dir_name="bbbc045",
    name="Human White Blood Cells",
    database=_site.DATABASE,
    description=(
        "White blood cells of 13 donors in imaging flow cytometry: montages of single cells, by "
        "donor, kind of cell and channel. One row is one montage, cut to its first 13 x 15 cells."
    ),
    homepage=_site.page(45),
    licence="CC0-1.0",
    licence_page=_site.page(45),
    citation="""@article{nassar2019labelfree,
  title={Label-free identification of white blood cells using machine learning},
  author={Nassar, Mariam and others},
  journal={Cytometry Part A},
  volume={95},
  pages={836},
  year={2019},
  doi={10.1002/cyto.a.23794}
}""",
    rows="channel",
    # Which channel is fluorescence, brightfield or darkfield is not settled: none is merged, and
    # the modality stays unknown.
    channels=tuple(
        Channel(code=str(number), name=f"channel_{number}", microscopy="", merge=False)
        for number in range(1, _CHANNELS + 1)
    ),
    constants={"organism": "human", "cell_type": "white blood cell"},
    image_size=(1650, 1650),
    download_gb=1.58,
    downloads=(
        Download(
            url=_site.address(45, "Stained_Montages.zip"),
            note="The montages, 1.58 GB; the page writes BBBC045_Stained_Montages.zip.",
        ),
        Download(
            url=_site.address(45, "Stained_Populations.zip"),
            note="The same cells as .cif files, 591.6 MB.",
            needed=False,
        ),
        Download(
            url=_site.address(45, "Stained_CP_Features.zip"),
            note="CellProfiler features, 170.6 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack Stained_Montages.zip: "
        "bbbc045/Stained_Montages/CRF022/B/batch1/ch1_1.tif "
        "(donor, kind of cell, batch, channel and number)"
    ),
    unsure=(
        "What each channel shows: one project takes ch5 for brightfield; fluorescence and "
        "darkfield are among the others.",
        "The names of the donors but CRF022, and of the folders of cell types but B.",
        "The number of montages: 147 groups of several channels.",
        "The names of the archives, with or without the prefix BBBC045_.",
    ),
    read=read,
)
