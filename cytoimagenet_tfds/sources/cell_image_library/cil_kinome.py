"""Kinome Atlas: HeLa cells with tagged kinases, one file per image."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Download, Source

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)(?P<number>\d{5})(?:\.ome)?\.tiff?$"
_PICTURES = r"(?:^|/)\d{5}(?:_thumb[^/]*)?\.(?:jpe?g|png)$"
# What tifffile lets through where a header ends early or points nowhere; TiffFileError is a
# ValueError.
_BROKEN = (ValueError, OSError, IndexError, KeyError, TypeError, struct.error)
_MAPPING = "cil_kinome_mapping.csv"
_NUMBERS = range(53366, 54563)


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file, or one per page where a file has a page for each of the two stains."""
    import pandas as pd

    files = tree.match(_IMAGE, report, ignore=_PICTURES)
    if files.empty:
        return files
    files["field"] = files["number"]
    files["cell_visible"] = "kinase"
    families = _families(tree, report)
    if families is not None:
        _add_families(files, families, report)
    pages = [_page_count(tree, path) for path in files["path"]]
    _note_odd_pages(files, pages, report)
    files["canonical"] = files["number"]
    files = files.drop(columns="number")
    stacks = files[[count == 2 for count in pages]]
    parts = [
        files[[count != 2 for count in pages]].assign(channel="both", plane=0),
        stacks.assign(channel="1", plane=0),
        stacks.assign(channel="2", plane=1),
    ]
    return pd.concat(parts, ignore_index=True)


def _families(tree: Tree, report: Report) -> dict[str, str] | None:
    """Returns number of the image -> kinase family, where someone made such a table."""
    table = tree.table(_MAPPING, ("file_name", "kinase"), report, needed=False)
    if table is None:
        return None
    number = table["file_name"].str.strip().str.rsplit("/", n=1).str[-1].str.split(".").str[0]
    return dict(zip(number, table["kinase"].str.strip().str.lower(), strict=True))


def _add_families(files: pd.DataFrame, families: dict[str, str], report: Report) -> None:
    family = files["number"].map(families).fillna("")
    label = "kinase|" + family + " kinase"
    files["cell_visible"] = label.where(family != "", files["cell_visible"])
    unlisted = files.loc[family == "", "path"].tolist()
    if unlisted:
        report.note(
            "not in table",
            f"{wording.counted(len(unlisted), 'image is', 'images are')} not in {_MAPPING}.",
            unlisted,
        )
    absent = sorted(set(families) - set(files["number"]))
    if absent:
        report.note(
            "missing file",
            f"{wording.counted(len(absent), 'image')} of {_MAPPING} not there.",
            absent,
        )


def _page_count(tree: Tree, path: str) -> int:
    """Returns the full-size pages of a TIFF file; 1 for a broken one, which the build rejects."""
    import tifffile

    with tree.open(path) as handle:
        try:
            with tifffile.TiffFile(handle) as file:
                shapes = [page.shape for page in file.pages]
        except _BROKEN:
            return 1
    # A preview may follow the image, and a page in colour holds both stains.
    return shapes.count(shapes[0]) if shapes and len(shapes[0]) == 2 else 1


def _note_odd_pages(files: pd.DataFrame, pages: list[int], report: Report) -> None:
    odd = [path for path, count in zip(files["path"], pages, strict=True) if count > 2]
    if odd:
        report.note(
            "unexpected pages",
            f"{wording.counted(len(odd), 'file has', 'files have')} more than two pages; the first "
            "is read. Expected one colour page, or one page for each of the two stains.",
            odd,
        )


SOURCE = Source(
    dir_name="cil_kinome",
    name="Kinome Atlas",
    database="Cell Image Library",
    description=(
        "HeLa cells that express tagged human kinases, in confocal immunofluorescence: nucleus and "
        "kinase, two images for each of 456 kinases."
    ),
    homepage="http://cellimagelibrary.org/pages/kinome_atlas",
    links=("https://doi.org/10.7554/eLife.64943",),
    licence="unknown",
    licence_page="http://cellimagelibrary.org/pages/kinome_atlas",
    citation="""@article{zhang2021subcellular,
  title={A subcellular map of the human kinome},
  author={Zhang, Haitong and others},
  journal={eLife},
  volume={10},
  pages={e64943},
  year={2021},
  doi={10.7554/eLife.64943}
}""",
    rows="channel",
    stacked=True,  # where a file has two pages, they are the stains of one image
    channels=(
        Channel(
            code="1",
            name="f_nucleus",
            microscopy="confocal",
            stain="DAPI",
        ),
        Channel(
            code="2",
            name="f_protein",
            visible="kinase",
            microscopy="confocal",
            stain="epitope-tagged kinase",
        ),
        Channel(
            code="both",
            name="f_nucleus|f_protein",
            visible="kinase",
            microscopy="confocal",
            merge=False,
        ),
    ),
    constants={"organism": "human", "cell_type": "hela"},
    expected_files=908,
    expected_rows=908,
    image_size=(1024, 1024),
    downloads=(
        Download(
            url="https://cildata.crbs.ucsd.edu/media/images/{number}/{number}.zip",
            note=(
                f"One image each, for 908 of the numbers {_NUMBERS[0]} to {_NUMBERS[-1]}. The "
                "library states the licence of each image on its page: read it before you use one."
            ),
            numbers=_NUMBERS,
            count=908,
            listed_in=_MAPPING,
        ),
    ),
    manual=(
        "Each image is a zip of its own, cil_kinome/53464.zip, read as it is or unpacked to "
        f"cil_kinome/53464.tif. With a table {_MAPPING} (columns file_name, kinase: "
        "'53464.zip,AGC') beside them only its images are fetched, and rows also name the kinase "
        "family. The library states the licence of each image on its page."
    ),
    unsure=(
        "Whether the two stains are the colours of one page or two pages, and in which order.",
        "The bit depth, and the licence, which the library states for each image.",
        "The number of images: 908 in the author's table, 912 by the registry.",
        "The addresses of the images: the library's pattern for others, not seen for these.",
    ),
    read=read,
)
