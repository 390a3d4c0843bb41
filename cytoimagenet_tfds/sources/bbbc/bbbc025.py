"""BBBC025: Cell Painting of RNAi in U2OS, eight plates, five folders each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The folder names plate and dye; the digit behind `w` stands directly before the GUID.
_IMAGE = (
    r"^(?:.*\D)?(?P<plate>\d{5})_(?P<dye>ERSytoBleed|ERSyto|Hoechst|Mito|PhGolgi)(?:\.tar(?:\.gz)?)?/"
    r"(?:[^/]+/)*[^/]*_(?P<well>[a-p]\d\d)_s(?P<site>\d)_w\d[0-9a-f-]{36}\.tiff?$"
)
_PLATES = (37983, 38002, 38003, 38004, 38005, 38006, 38030, 38034)
_DYES = ("Hoechst", "ERSyto", "ERSytoBleed", "PhGolgi", "Mito")
_CODES = {dye.lower(): dye for dye in _DYES}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the folder says which stain it shows."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["channel"] = files["dye"].str.lower().map(_CODES)
    files["well"] = wells.normalize_all(files["well"])
    files["field"] = files["plate"] + "/" + files["well"] + "_s" + files["site"]
    files["canonical"] = files["field"] + "_" + files["channel"] + ".tif"
    files["group"] = "bbbc025:" + files["plate"] + "/" + files["well"]
    return files.drop(columns="dye")


SOURCE = Source(
    dir_name="bbbc025",
    name="Human U2OS cells – RNAi Cell Painting experiment",  # noqa: RUF001
    database=_site.DATABASE,
    description=(
        "U2OS cells after RNAi knock-down, stained by Cell Painting: eight plates of 384 wells, "
        "nine fields a well, five stains. No public table says which gene a well targets."
    ),
    homepage=_site.page(25),
    licence="CC0-1.0",
    licence_page=_site.page(25),
    citation="""@article{singh2015morphological,
  title={Morphological profiles of RNAi-induced gene knockdown are highly reproducible but
    dominated by seed effects},
  author={Singh, Shantanu and others},
  journal={PLoS ONE},
  year={2015},
  doi={10.1371/journal.pone.0131370}
}""",
    rows="channel",
    channels=(
        Channel(code="Hoechst", name="f_nucleus", visible="nucleus", stain="Hoechst"),
        Channel(code="ERSyto", name="f_er", visible="er", stain="concanavalin A"),
        Channel(code="ERSytoBleed", name="f_nucleoli_rna", visible="nucleoli|rna", stain="SYTO 14"),
        Channel(
            code="PhGolgi",
            name="f_actin_golgi_membrane",
            visible="actin|golgi apparatus|plasma membrane",
            stain="phalloidin and wheat germ agglutinin",
        ),
        Channel(code="Mito", name="f_mitochondria", visible="mitochondria", stain="MitoTracker"),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=138_240,
    expected_rows=138_240,
    image_size=(1080, 1080),
    download_gb=256,
    downloads=tuple(
        Download(
            url=_site.address(25, f"DatasetS8/{plate}_{dye}.tar.gz"),
            note="One stain of one plate, 3,456 files, about 6.4 GB.",
        )
        for plate in _PLATES
        for dye in _DYES
    ),
    manual=(
        "`cytoimagenet fetch bbbc025` makes a .tar of each .tar.gz, which is then read where it "
        "lies: bbbc025/37983_Mito.tar. For archives that are there already: `cytoimagenet fetch "
        "bbbc025 --unpack`. Or unpack them, each into a folder of its name: "
        "bbbc025/37983_Mito/cellpaintingfollowup-reimage_f08_s8_w5<guid>.tif"
    ),
    unsure=(
        "The extension .tif, and which digit four of the five folders have behind w: the reader "
        "goes by the folder.",
        "Which of ERSyto and ERSytoBleed shows the ER: taken as in BBBC022.",
        "The modality: the author's registry says 'confocal (?)', widefield is taken.",
    ),
    read=read,
)
