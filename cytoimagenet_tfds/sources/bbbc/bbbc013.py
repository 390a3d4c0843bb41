"""BBBC013: cytoplasm to nucleus translocation of FKHR-GFP in U2OS, one plate of 96 wells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _platemap, _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)Channel ?(?P<channel>[12])-(?P<number>\d\d)-(?P<row>[a-h])-(?P<column>\d\d)"
    r"\.(?:bmp|tiff?|png)$"
)
_MAP_FILE = "BBBC013_v1_platemap_all.txt"

# From the official picture of the plate; its cell A02 shows 39688.00, a slip for `empty`.
_WORTMANNIN = (0.977, 1.95, 3.91, 7.81, 15.63, 31.25, 62.5, 125.0, 250.0)  # nM, columns 3 to 11
_LY294002 = (0.31, 0.63, 1.25, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0)  # uM, columns 3 to 11
_POSITIVE = _platemap.Well(
    compound="wortmannin", concentration=150.0, concentration_unit="nm", control="positive"
)
_NEGATIVE = _platemap.Well(control="negative")
_EMPTY = _platemap.Well(control="empty")


def _wells() -> dict[str, _platemap.Well]:
    """Returns the plate map: rows A to D wortmannin, E to H LY294002."""
    halves = (
        ("ABCD", "wortmannin", "nm", _WORTMANNIN, _NEGATIVE, _POSITIVE),
        ("EFGH", "ly294002", "um", _LY294002, _POSITIVE, _NEGATIVE),
    )
    plate: dict[str, _platemap.Well] = {}
    for rows, compound, unit, doses, first, last in halves:
        treated = [
            _platemap.Well(compound=compound, concentration=dose, concentration_unit=unit)
            for dose in doses
        ]
        for row in rows:
            for column, well in enumerate([first, _EMPTY, *treated, last], 1):
                plate[f"{row}{column:02d}"] = well
    return plate


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file, with the treatment of its well."""
    from cytoimagenet_tfds.sources import wells

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    files["well"] = wells.normalize_all(files["row"] + files["column"])
    plate = _wells()
    _platemap.check_numbers(files, 12, report)
    _compare_doses(tree, plate, report)
    files["field"] = files["number"] + "-" + files["well"]
    files["canonical"] = "Channel" + files["channel"] + "-" + files["field"] + ".BMP"
    files = _platemap.add(files, plate, report)
    return files.drop(columns=["number", "row", "column"])


def _compare_doses(tree: Tree, plate: dict[str, _platemap.Well], report: Report) -> None:
    """Compares the downloaded plate map, where it is there, with the one declared here."""
    declared = [0.0 if math.isnan(well.concentration) else well.concentration
                for _, well in sorted(plate.items())]  # fmt: skip
    _platemap.compare(tree, _MAP_FILE, sorted(plate), declared, report)


SOURCE = Source(
    dir_name="bbbc013",
    name="Human U2OS cells cytoplasm–nucleus translocation",  # noqa: RUF001
    database=_site.DATABASE,
    description=(
        "U2OS cells with FKHR-EGFP, which moves from cytoplasm to nucleus under wortmannin and "
        "LY294002: nine doses of each in four replicates on one 96-well plate."
    ),
    homepage=_site.page(13),
    links=(
        "https://doi.org/10.1177/1087057110370895",
        "https://downloads.openmicroscopy.org/images/InCell3000/BBBC013/BBBC013_v1_images_bmp/",
    ),
    licence="CC-BY-3.0",
    licence_page=_site.page(13),
    citation="""@article{carpenter2006cellprofiler,
  title={CellProfiler: image analysis software for identifying and quantifying cell phenotypes},
  author={Carpenter, Anne E and others},
  journal={Genome Biology},
  year={2006},
  doi={10.1186/gb-2006-7-10-r100}
}""",
    rows="channel",
    channels=(
        # The protein moves between cytoplasm and nucleus: the image shows neither for certain.
        Channel(code="1", name="f_fkhr", stain="FKHR-EGFP"),
        Channel(code="2", name="f_nucleus", visible="nucleus", stain="DRAQ"),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=192,
    expected_rows=192,
    image_size=(640, 640),
    bit_depth=8,
    download_gb=0.032,
    downloads=(
        Download(
            url=_site.address(13, "BBBC013_v1_images_bmp.zip"),
            size=32_404_692,
            note="The images as 8-bit BMP.",
        ),
        Download(
            url=_site.address(13, _MAP_FILE),
            size=513,
            note="Plate map; compared with the declared one where it is there.",
            needed=False,
        ),
        Download(
            url=_site.address(13, "BBBC013_v1_images_frm.zip"),
            note="The same images in another format, 77 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC013_v1_images_bmp.zip: bbbc013/BBBC013_v1_images_bmp/Channel1-01-A-01.BMP to "
        "Channel2-96-H-12.BMP"
    ),
    unsure=(
        "Wells E01 to H01: 150 nM wortmannin by page and picture, which counts here; one reader of "
        "the plate map file takes them as 80 uM LY294002.",
        "The exact text of BBBC013_v1_platemap_all.txt: a header line and 96 numbers, row by row.",
    ),
    read=read,
)
