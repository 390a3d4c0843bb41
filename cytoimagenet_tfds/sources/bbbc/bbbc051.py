"""BBBC051: nuclei of human kidney cortex in 3-D, by type of cell."""

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

# Inner archives unpack to <class>/All_3D/ or to <class>/<class>/All_3D/.
_IMAGE = r"(?:^|/)(?P<folder>[^/]+)/All_3D/(?P<name>object_\d+_\d+__\d+__\d+_1)\.tiff?$"
_SPECIMEN = r"(?:^|/)(F\d\d)(?=/)"
_PLANE = 3  # the middle one of seven, where a nucleus is largest; the author's code saw plane 0

# Folder without case, dots and underscores -> cell_type.
_TYPES = {
    "cdcnt": "collecting duct",
    "cd": "collecting duct",
    "cnt": "collecting duct",
    "dct": "distal convoluted tubule",
    "tal": "thick ascending limb",
    "s1s2": "proximal tubule segments",
    "s2s3": "proximal tubule segments",
    "nestin": "podocyte",
    "cd31glom": "endothelial",
    "cd31int": "endothelial",
    "cd31inter": "endothelial",
    "cd45": "white blood cell",
    "cd450": "white blood cell",
    "cd451": "white blood cell",
    "cd452": "white blood cell",
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per stack: its middle plane."""
    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    types = {f: _TYPES.get(re.sub(r"[^a-z0-9]", "", f.lower()), "") for f in files["folder"]}
    unknown = sorted(folder for folder, cell_type in types.items() if not cell_type)
    files["cell_type"] = files["folder"].map(types)
    files["excluded"] = (files["cell_type"] == "").map({True: "unlabelled", False: ""})
    if unknown:
        report.note(
            "unknown cell type",
            f"{wording.counted(len(unknown), 'folder stands', 'folders stand')} for no known type "
            "of cell; the images are left out as unlabelled.",
            unknown,
        )
    specimen = files["path"].str.extract(_SPECIMEN, expand=False).fillna("")
    prefix = (specimen + "/").where(specimen != "", "")
    files["batch"] = specimen
    files["field"] = prefix + files["folder"] + "/" + files["name"]
    files["canonical"] = files["field"] + ".tif"
    files["plane"] = _PLANE
    files["channel"] = "1"
    files["group"] = "bbbc051:" + prefix + files["name"]
    return files.drop(columns=["folder", "name"])


SOURCE = Source(
    dir_name="bbbc051",
    name="Human kidney cortex cells",
    database=_site.DATABASE,
    description=(
        "Nuclei of human kidney cortex in confocal stacks of 7 x 32 x 32, sorted by type of cell. "
        "The middle plane of a stack is the image."
    ),
    homepage=_site.page(51),
    licence="unknown",
    licence_page=_site.page(51),
    citation="""@article{woloshuk2021situ,
  title={In situ classification of cell types in human kidney tissue using 3D nuclear staining},
  author={Woloshuk, Andre and others},
  journal={Cytometry Part A},
  volume={99},
  pages={707},
  year={2021},
  doi={10.1002/cyto.a.24274}
}""",
    rows="channel",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", microscopy="confocal", stain="DAPI"),
    ),
    constants={"organism": "human"},
    image_size=(32, 32),
    downloads=(
        Download(url=_site.address(51, "Images.zip"), note="The stacks, in nested zips."),
        Download(
            url=_site.address(51, "groundtruthlabels.txt"),
            note="Types of cells, as the folders say them.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack Images.zip and the archives inside it: bbbc051/Images/F33/TAL/All_3D/"
        "object_38359_333__4395__44_1.tif; a second folder TAL in between does no harm"
    ),
    unsure=(
        "The licence: CC BY 4.0 is stated for a derived dataset only.",
        "That every stack has seven planes: the fourth is read.",
        "The number of images: 230,000 to 242,594.",
        "The bit depth.",
    ),
    read=read,
)
