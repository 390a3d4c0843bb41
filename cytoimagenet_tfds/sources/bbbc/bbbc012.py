"""BBBC012: C. elegans, an infection marker in wild type and pmk-1 mutant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Square brackets stand round the GUID on a plate of the same laboratory; the names of these two
# plates were never seen, so brackets and GUID may be absent.
_IMAGE = (
    r"^(?:.*/)?(?P<plate>(?P<strain>WT|pmk)(?:[_ -][^/]*)?)/(?:[^/]+/)*"
    r"(?:(?P<run>[^/]+)_)?(?P<well>[a-p]\d\d)(?:_s(?P<site>\d+))?_w(?P<channel>[123])"
    r"_?(?:\[?[0-9a-f-]{36}\]?)?\.tiff?$"
)
_THUMBNAIL = r"_thumb[^/]*$"
_STRAINS = {
    "wt": {"phenotype": "wildtype", "gene": "", "control": "negative"},
    "pmk": {"phenotype": "infected", "gene": "pmk-1", "control": "positive"},
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the folder gives phenotype, gene and control."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report, ignore=_THUMBNAIL)
    if files.empty:
        return files
    _site.note_left_out(tree, report, _THUMBNAIL, "thumbnails")
    files["well"] = wells.normalize_all(files["well"])
    name = files["well"] + ("_s" + files["site"]).where(files["site"] != "", "")
    name = (files["run"] + "_").where(files["run"] != "", "") + name
    files["field"] = files["plate"] + "/" + name
    files["canonical"] = files["field"] + "_w" + files["channel"] + ".tif"
    files["group"] = files["plate"] + "/" + files["well"]
    strain = files["strain"].str.lower()
    for column in ("phenotype", "gene", "control"):
        files[column] = strain.map({name: facts[column] for name, facts in _STRAINS.items()})
    return files.rename(columns={"run": "batch"}).drop(columns="strain")


SOURCE = Source(
    dir_name="bbbc012",
    name="C. elegans infection marker",
    database=_site.DATABASE,
    description=(
        "Nematodes with a green reporter of the immune response (clec-60) in the intestine and a "
        "red one in the pharynx: wild type and a pmk-1 mutant, whose reporter pattern differs."
    ),
    homepage=_site.page(12),
    licence="unknown",
    licence_page=_site.page(12),
    citation="""@article{wahlby2012image,
  title={An image analysis toolbox for high-throughput C. elegans assays},
  author={W{\\"a}hlby, Carolina and others},
  journal={Nature Methods},
  year={2012},
  doi={10.1038/nmeth.1984}
}""",
    rows="channel",
    channels=(
        Channel(code="1", name="brightfield", microscopy="brightfield", merge=False),
        Channel(code="2", name="f_intestine", visible="intestine", stain="clec-60::GFP"),
        Channel(code="3", name="f_pharynx", visible="pharynx", stain="mCherry"),
    ),
    constants={"organism": "nematode"},
    image_size=(520, 696),
    bit_depth=12,
    download_gb=0.12,
    downloads=(
        Download(
            url=_site.address(12, "BBBC012_v1_images.zip"),
            size=122_677_100,
            note="The images.",
        ),
    ),
    manual=(
        "Unpack BBBC012_v1_images.zip: bbbc012/.../WT_plate2/<plate>_<well>_w1_[<GUID>].tif and "
        "bbbc012/.../pmk_plate2/<plate>_<well>_w1_[<GUID>].tif"
    ),
    unsure=(
        "The names of the files: seen on a plate of the same laboratory and assay only.",
        "The number of images: about 360, three for each of 72 wild type and 48 mutant fields.",
        "The phenotype 'infected' of the mutant: the author's registry says so, the page speaks of "
        "a mutant defective in p38 MAPK.",
        "The licence: a third party states CC0, the page states none.",
    ),
    read=read,
)
