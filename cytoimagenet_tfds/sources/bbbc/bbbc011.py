"""BBBC011: C. elegans stained for fat, control and daf-2 knock-down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The label is the folder; the names of the files inside were never seen.
_IMAGE = (
    r"^(?:.*/)?(?P<plate>(?P<strain>L4440|daf-?2)(?:[_ -][^/]*)?)/"
    r"(?P<name>(?:[^/]+/)*[^/]+)\.(?:png|tiff?)$"
)
_WELL = r"(?:^|[_\W])([a-pA-P]\d{2})(?=[_\W]|$)"
_STRAINS = {
    "l4440": {"phenotype": "wildtype", "gene": "", "control": "negative"},
    "daf2": {"phenotype": "fat", "gene": "daf-2", "control": "positive"},
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the folder gives phenotype, gene and control."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["field"] = files["plate"] + "/" + files["name"]
    files["canonical"] = files["field"] + ".png"
    files["channel"] = "colour"
    strain = files["strain"].str.lower().str.replace("-", "")
    for column in ("phenotype", "gene", "control"):
        files[column] = strain.map({name: facts[column] for name, facts in _STRAINS.items()})
    well = files["name"].str.extract(_WELL, expand=False).fillna("")
    files["well"] = wells.normalize_all(well)
    # Six images were taken in each well; without a well in the name an image stands alone.
    files["group"] = (files["plate"] + "/" + files["well"]).where(well != "", files["field"])
    return files.drop(columns=["strain", "name"])


SOURCE = Source(
    dir_name="bbbc011",
    name="C. elegans metabolism assay",
    database=_site.DATABASE,
    description=(
        "Nematodes stained with oil red O in brightfield: control worms (empty vector L4440) and "
        "worms fed with RNAi against daf-2, which store more fat."
    ),
    homepage=_site.page(11),
    links=("https://doi.org/10.1038/nmeth.1984",),
    licence="unknown",
    licence_page=_site.page(11),
    citation="""@article{orourke2009celegans,
  title={C. elegans major fats are stored in vesicles distinct from lysosome-related organelles},
  author={O'Rourke, Eyleen J and Soukas, Alexander A and Carr, Christopher E and Ruvkun, Gary},
  journal={Cell Metabolism},
  year={2009},
  doi={10.1016/j.cmet.2009.10.002}
}""",
    rows="channel",
    channels=(
        Channel(
            code="colour",
            name="brightfield",
            microscopy="brightfield",
            stain="oil red O",
            merge=False,
        ),
    ),
    constants={"organism": "nematode"},
    image_size=(770, 691),
    bit_depth=8,
    download_gb=0.04,
    downloads=(
        Download(
            url=_site.address(11, "BBBC011_v1_images.zip"),
            size=39_876_190,
            note="The images.",
        ),
    ),
    manual=(
        "Unpack BBBC011_v1_images.zip: bbbc011/BBBC011_v1_images/L4440_rep1/<image>.png and "
        "bbbc011/BBBC011_v1_images/daf-2_rep1/<image>.png"
    ),
    unsure=(
        "The names of the files inside L4440_rep1 and daf-2_rep1: the reader takes any PNG or "
        "TIFF there, and a well where the name holds one.",
        "The number of images: 48 to 50.",
    ),
    read=read,
)
