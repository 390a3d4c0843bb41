"""BBBC026: human hepatocytes with murine fibroblasts, nuclei, one plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?P<plate>ADSASS[^/]+)_(?P<well>[a-p]\d\d)_s(?P<site>[1-9])_w(?P<channel>1)"
    r"[0-9a-f-]{36}\.(?:png|tiff?)$"
)
_GROUND_TRUTH = r"(?:^|/)BBBC026_GT_images/"
_CONTROLS = {"01": "negative", "23": "positive"}  # 4,000 and 9,500 hepatocytes a well


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; columns 01 and 23 are the controls."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report, ignore=_GROUND_TRUTH)
    if files.empty:
        return files
    _site.note_left_out(tree, report, _GROUND_TRUTH, "images of the ground truth")
    files["well"] = wells.normalize_all(files["well"])
    files["field"] = files["plate"] + "_" + files["well"] + "_s" + files["site"]
    files["canonical"] = files["field"] + "_w1.png"
    files["group"] = "bbbc026:" + files["plate"] + "_" + files["well"]
    files["control"] = files["well"].str[-2:].map(_CONTROLS).fillna("")
    return files


SOURCE = Source(
    dir_name="bbbc026",
    name="Human Hepatocyte and Murine Fibroblast cells – Co-culture experiment",  # noqa: RUF001
    database=_site.DATABASE,
    description=(
        "Nuclei of human hepatocytes and murine fibroblasts in co-culture, nine fields in each of "
        "96 wells; the first and the last column hold the fewest and the most hepatocytes."
    ),
    homepage=_site.page(26),
    licence="CC-BY-3.0",
    licence_page=_site.page(26),
    citation="""@article{logan2016quantifying,
  title={Quantifying co-cultured cell phenotypes in high-throughput using pixel-based
    classification},
  author={Logan, David J and Shan, Jing and Bhatia, Sangeeta N and Carpenter, Anne E},
  journal={Methods},
  year={2016},
  doi={10.1016/j.ymeth.2015.12.002}
}""",
    rows="channel",
    channels=(Channel(code="1", name="f_nucleus", visible="nucleus"),),
    constants={"organism": "human|mouse", "cell_type": "hepatocyte|fibroblast"},
    expected_files=864,
    expected_rows=864,
    image_size=(1040, 1392),
    bit_depth=8,
    download_gb=0.4,
    downloads=(
        Download(url=_site.address(26, "BBBC026_v1_images.zip"), note="The images, 402 MB."),
        Download(
            url=_site.address(26, "BBBC026_GT_images.zip"),
            note="Ground truth, 4.6 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC026_v1_images.zip, with or without a folder of its name: bbbc026/"
        "BBBC026_v1_images/ADSASS092408-GHAD2-D6-20x_A01_s1_w1<GUID>.png. The ground truth, if "
        "wanted, belongs into BBBC026_GT_images."
    ),
    unsure=("The modality: the author's registry says 'fluorescence (?)'.",),
    read=read,
)
