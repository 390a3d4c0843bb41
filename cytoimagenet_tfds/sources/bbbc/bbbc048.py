"""BBBC048: Jurkat cells in the phases of the cell cycle, three channels of each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_PHASES = "Anaphase|G1|G2|Metaphase|Prophase|S|Telophase"
_IMAGE = (
    rf"^(?:.*/)?(?P<phase>{_PHASES})/(?:[^/]+/)*"
    r"(?P<cell>\d+)_Ch(?P<channel>[346])(?:\.ome)?\.jpe?g$"
)
_OVERLAY = r"(?:^|/)\d+_merged\.jpe?g$"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per channel file; the overlay of the three is a copy and no row."""
    files = tree.match(_IMAGE, report, ignore=_OVERLAY)
    if files.empty:
        return files
    phase = files["phase"].str.lower()
    files["phenotype"] = phase
    files["field"] = phase + "/" + files["cell"]
    files["canonical"] = files["field"] + "_Ch" + files["channel"] + ".ome.jpg"
    files["group"] = "bbbc048:" + files["cell"]
    return files.drop(columns=["phase", "cell"])


SOURCE = Source(
    dir_name="bbbc048",
    name="Cell Cycle Jurkat Cells",
    database=_site.DATABASE,
    description=(
        "Single Jurkat cells in imaging flow cytometry, sorted by cell cycle phase: brightfield, "
        "DNA in fluorescence, and side scatter (darkfield) of 32,266 cells."
    ),
    homepage=_site.page(48),
    links=("https://doi.org/10.1038/ncomms10256",),
    licence="unknown",
    licence_page=_site.page(48),
    citation="""@article{eulenberg2017reconstructing,
  title={Reconstructing cell cycle and disease progression using deep learning},
  author={Eulenberg, Philipp and others},
  journal={Nature Communications},
  year={2017},
  doi={10.1038/s41467-017-00623-3}
}""",
    rows="channel",
    channels=(
        Channel(code="3", name="brightfield", microscopy="brightfield", merge=False),
        Channel(code="4", name="f_nucleus", visible="nucleus", stain="propidium iodide"),
        Channel(code="6", name="darkfield", microscopy="darkfield", merge=False),
    ),
    constants={"organism": "human", "cell_type": "jurkat"},
    expected_files=129_064,  # with the overlay of each cell
    expected_rows=96_798,
    image_size=(66, 66),
    bit_depth=8,
    downloads=(
        Download(url=_site.address(48, "BBBC048v1.zip"), note="The images, in a nested zip."),
        Download(
            url=_site.address(48, "Ground_truth.lst"),
            note="Phases of the cells, as the folders say them.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack BBBC048v1.zip and the CellCycle.zip inside it: "
        "bbbc048/CellCycle/Anaphase/30890_Ch3.ome.jpg"
    ),
    unsure=(
        "The licence: CC BY-NC-SA 3.0 or CC0.",
        "That Ch3 is brightfield, Ch4 DNA and Ch6 side scatter, in this order.",
    ),
    read=read,
)
