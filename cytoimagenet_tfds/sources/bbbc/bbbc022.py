"""BBBC022: Cell Painting of 1,600 compounds in U2OS, 20 plates, five channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _lines, _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The plate stands in the folder alone, and no separator between the channel digit and the GUID.
_IMAGE = (
    r"^(?:.*\D)?(?P<plate>\d{5})(?:_?w[1-5])?(?:\.zip)?/(?:[^/]+/)*"
    r"IXMtest_(?P<well>[a-p]\d\d)_s(?P<site>\d)_w(?P<channel>[1-5])[0-9a-f-]{36}\.tiff?$"
)
_TABLE = "BBBC022_v1_image.csv"
_FILE = "Image_FileName_OrigHoechst"
_FILE_WELL = r"(?i)IXMtest_([a-p]\d\d)_s\d_w"
_COLUMNS = {
    "Image_Metadata_PlateID": "plate",
    "Image_Metadata_ASSAY_WELL_ROLE": "role",
    "Image_Metadata_SOURCE_COMPOUND_NAME": "compound",
    "Image_Metadata_CPD_MMOL_CONC": "concentration",
    "Image_Metadata_CPD_PLATE_MAP_NAME": "batch",
}
_TREATED = "compound"  # role of a treated well; the others are controls (mock)
_PLATES = (
    20585, 20586, 20589, 20590, 20591, 20592, 20593, 20594, 20595, 20596,
    20607, 20608, 20625, 20626, 20630, 20633, 20639, 20640, 20641, 20646,
)  # fmt: skip


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per channel file, with the compound of its well where the table is there."""
    from cytoimagenet_tfds.sources import joins, wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["well"] = wells.normalize_all(files["well"])
    files["field"] = files["plate"] + "/" + files["well"] + "_s" + files["site"]
    files["canonical"] = files["field"] + "_w" + files["channel"] + ".tif"
    files["group"] = "bbbc022:" + files["plate"] + "/" + files["well"]
    compounds = _compounds(tree, report)
    if compounds is not None:
        files = joins.join(files, compounds, ["plate", "well"], report, _TABLE)
    return files


def _compounds(tree: Tree, report: Report) -> pd.DataFrame | None:
    """Returns the treatment of every well: plate, well, compound, concentration, control, batch.

    The table has a line per field, some of them broken. A well is known from any good line.
    """
    import pandas as pd

    from cytoimagenet_tfds.sources import wells

    table = _lines.find(tree, _TABLE, (*_COLUMNS, _FILE), report)
    if table is None:
        return None
    result = table.rename(columns=_COLUMNS)[list(_COLUMNS.values())]
    well = table[_FILE].str.extract(_FILE_WELL, expand=False).fillna("")
    result["well"] = wells.normalize_all(well)
    role = result.pop("role").str.lower()
    result["control"] = role.where(role != _TREATED, "")
    result["concentration"] = pd.to_numeric(result["concentration"], errors="coerce")
    known = result["concentration"].notna()
    result["concentration_unit"] = known.map({True: "mm", False: ""})
    return result[well != ""]


SOURCE = Source(
    dir_name="bbbc022",
    name="Human U2OS cells - compound cell-painting experiment",
    database=_site.DATABASE,
    description=(
        "U2OS cells treated with 1,600 bioactive compounds and stained by Cell Painting: 20 "
        "plates of 384 wells, nine fields a well, five channels."
    ),
    homepage=_site.page(22),
    licence="CC0-1.0",
    licence_page=_site.page(22),
    citation="""@article{gustafsdottir2013multiplex,
  title={Multiplex cytological profiling assay to measure diverse cellular states},
  author={Gustafsdottir, Sigrun M and others},
  journal={PLoS ONE},
  year={2013},
  doi={10.1371/journal.pone.0080999}
}""",
    rows="field",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="Hoechst 33342"),
        Channel(code="2", name="f_er", visible="er", stain="concanavalin A"),
        Channel(code="3", name="f_nucleoli", visible="nucleoli", stain="SYTO 14"),
        Channel(
            code="4",
            name="f_actin_golgi",
            visible="actin|golgi apparatus",
            stain="phalloidin and wheat germ agglutinin",
        ),
        Channel(code="5", name="f_mitochondria", visible="mitochondria", stain="MitoTracker"),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=345_600,
    expected_rows=69_120,
    image_size=(520, 696),
    bit_depth=12,
    pixel_size=0.656,
    download_gb=150,
    downloads=(
        *(
            Download(
                url=_site.address(22, f"BBBC022_v1_images_{plate}w{channel}.zip"),
                note="One channel of one plate, 1.3 to 1.7 GB.",
            )
            for plate in _PLATES
            for channel in range(1, 6)
        ),
        Download(
            url=_site.address(22, _TABLE),
            size=37_119_471,
            note="The compound of every field.",
        ),
    ),
    manual=(
        "Unpack the 100 archives, each into a folder of its name, and put the table beside them: "
        "bbbc022/BBBC022_v1_images_20585w1/IXMtest_A01_s1_w1<GUID>.tif, bbbc022/" + _TABLE
    ),
    unsure=("That CPD_MMOL_CONC is in millimole per litre, as its name says.",),
    read=read,
)
