"""BBBC015: transfluor assay of a GPCR in U2OS, rows E to G of one plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _platemap, _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)(?P<number>[1-9]\d?)_(?P<site>\d)_(?P<channel>[01])\.(?:jpe?g|tiff?|png)$"
_COLUMNS = 12

# Isoproterenol in nM, columns 1 to 12, the same in each row (official picture of the plate).
_DOSES = (1000.0, 333.0, 111.0, 37.0, 12.0, 4.1, 1.4, 0.457, 0.152, 0.051, 0.017, 0.0056)
_PLATE = {
    f"{row}{column:02d}": _platemap.Well(
        compound="isoproterenol", concentration=dose, concentration_unit="nm"
    )
    for row in "EFG"
    for column, dose in enumerate(_DOSES, 1)
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the number in front counts the wells of a 96-well plate from 1."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    names = {n: wells.from_index(int(n), _COLUMNS) for n in files["number"].unique()}
    files["well"] = files["number"].map(names)
    files["field"] = files["number"] + "_" + files["site"]
    files["canonical"] = files["field"] + "_" + files["channel"] + ".JPG"
    files["group"] = "bbbc015:" + files["well"]
    return _platemap.add(files.drop(columns="number"), _PLATE, report)


SOURCE = Source(
    dir_name="bbbc015",
    name="Human U2OS cells transfluor",
    database=_site.DATABASE,
    description=(
        "U2OS cells with arrestin-GFP, which gathers in vesicles when isoproterenol activates the "
        "beta adrenergic receptor: twelve doses in three rows of a 96-well plate, four fields a "
        "well, and a nuclear dye."
    ),
    homepage=_site.page(15),
    links=("https://doi.org/10.1177/1087057110370895",),
    licence="CC-BY-3.0",
    licence_page=_site.page(15),
    citation="""@article{logan2010screening,
  title={Screening cellular feature measurements for image-based assay development},
  author={Logan, David J and Carpenter, Anne E},
  journal={Journal of Biomolecular Screening},
  year={2010},
  doi={10.1177/1087057110370895}
}""",
    rows="channel",
    # Which of the two is green (arrestin-GFP) and which crimson (nuclear dye) is not settled, so
    # both carry both components, as in the author's table.
    channels=(
        Channel(code="0", name="f_channel_0", visible="nucleus|cell membrane"),
        Channel(code="1", name="f_channel_1", visible="nucleus|cell membrane"),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=288,
    expected_rows=288,
    image_size=(768, 1000),
    bit_depth=8,
    download_gb=0.023,
    downloads=(
        Download(url=_site.address(15, "BBBC015_v1_images.zip"), note="The images, 23 MB."),
        Download(
            url=_site.address(15, "BBBC015_v1_platemap.txt"),
            size=859,
            note="Plate map; the declared one is used.",
            needed=False,
        ),
    ),
    manual="Unpack BBBC015_v1_images.zip: bbbc015/BBBC015_v1_images/49_1_0.JPG to 84_4_1.JPG",
    unsure=(
        "Which of the channels 0 and 1 shows arrestin-GFP and which the nuclei: both rows of a "
        "field say 'nucleus|cell membrane'.",
        "The text of the plate map file; the doses come from the picture on the page.",
    ),
    read=read,
)
