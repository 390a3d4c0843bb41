"""BBBC005: simulated cells at many blurs and counts. Masks have the names of their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)SIMCEPImages_(?P<well>[a-p]\d\d)_C(?P<cells>\d+)_F(?P<blur>\d+)_s(?P<site>\d+)"
    r"_w(?P<channel>[12])\.tiff?$"
)
# Only the folder tells a mask from its image: BBBC005_v1_ground_truth/, synthetic_2_ground_truth/.
# The nearest one counts: a folder of images below a folder of both still holds images.
_MASKS = r"(?i)^(?:.*/)?([^/]*ground[_ -]?truth[^/]*)/(?:(?![^/]*images/)[^/]+/)*[^/]+$"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; masks, which the author's table held too, are marked as such."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["well"] = wells.normalize_all(files["well"])
    masks = files["path"].str.extract(_MASKS, expand=False).fillna("")
    is_mask = masks != ""
    scene = "C" + files["cells"] + "_s" + files["site"]
    name = files["well"] + "_C" + files["cells"] + "_F" + files["blur"] + "_s" + files["site"]
    files["field"] = name.where(~is_mask, masks + "/" + name)
    files["canonical"] = files["field"] + "_w" + files["channel"] + ".TIF"
    # The same simulated scene may stand behind every blur of one count and sample.
    files["group"] = "bbbc005:" + scene
    files["channel"] = files["channel"].where(~is_mask, "mask" + files["channel"])
    files["excluded"] = is_mask.map({True: "label mask", False: ""})
    return files.drop(columns=["cells", "blur"])


SOURCE = Source(
    dir_name="bbbc005",
    name="Synthetic cells",
    database=_site.DATABASE,
    description=(
        "Simulated fluorescence images of U2OS cells (SIMCEP): bodies and nuclei, 24 cell counts "
        "from 1 to 100, 16 focus blurs, 25 samples each."
    ),
    homepage=_site.page(5),
    links=("https://doi.org/10.1109/JPROC.2008.925490", "https://doi.org/10.1177/1087057111420292"),
    licence="CC0-1.0",
    licence_page=_site.page(5),
    citation="""@article{lehmussola2007computational,
  title={Computational framework for simulating fluorescence microscope images with cell
    populations},
  author={Lehmussola, Antti and Ruusuvuori, Pekka and Selinummi, Jyrki and Huttunen, Heikki and
    Yli-Harja, Olli},
  journal={IEEE Transactions on Medical Imaging},
  year={2007},
  doi={10.1109/TMI.2007.896925}
}""",
    rows="channel",
    channels=(
        Channel(code="1", name="f_cell_body", visible="cell body", stain="simulated"),
        Channel(code="2", name="f_nucleus", visible="nucleus", stain="simulated"),
        Channel(code="mask1", name="mask_cell_body", visible="cell body", merge=False),
        Channel(code="mask2", name="mask_nucleus", visible="nucleus", merge=False),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=19200,
    expected_rows=19200,
    image_size=(520, 696),
    bit_depth=8,
    download_gb=1.8,
    downloads=(
        Download(url=_site.address(5, "BBBC005_v1_images.zip"), note="The images, 1.8 GB."),
        Download(
            url=_site.address(5, "BBBC005_v1_ground_truth.zip"),
            note="Masks of the images in focus, 12 MB.",
            needed=False,
        ),
        Download(
            url=_site.address(5, "BBBC005_results_bray.csv"),
            note="Results of the focus measures, 2.4 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC005_v1_images.zip: bbbc005/BBBC005_v1_images/"
        "SIMCEPImages_A14_C57_F1_s21_w1.TIF. Masks must stay in a folder with ground_truth in its "
        "name: their files are called as the images are."
    ),
    unsure=(
        "That the images of one count and sample show one simulated scene at all blurs: they are "
        "kept together in one split to be safe.",
    ),
    read=read,
)
