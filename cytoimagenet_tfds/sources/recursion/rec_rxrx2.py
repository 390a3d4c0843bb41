"""RxRx2: HUVEC cells treated with soluble immune factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.recursion import _recursion

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per image file, joined to the treatment of its site.

    The unit of `treatment_conc` is mg/ml in the documentation of the data. That looks wrong by a
    factor for these proteins; it is passed on as published.
    """
    lines = _recursion.read_sites(tree, report, ("cell_type", "treatment", "treatment_conc"))
    if report.fatals:
        return lines
    return _recursion.treatment_facts(lines, untreated="empty", unit="mg/ml")


SOURCE = Source(
    dir_name="rec_rxrx2",
    name="RxRx2",
    database=_recursion.DATABASE,
    description=(
        "HUVEC cells in 1536-well plates of two experiments, treated with 433 soluble immune "
        "factors at six concentrations, in six fluorescent stains at four sites a well. Wells "
        "called EMPTY have no compound. Concentrations are in mg/ml as published, though the unit "
        "looks wrong by a factor."
    ),
    homepage="https://www.rxrx.ai/rxrx2",
    licence="CC-BY-NC-SA-4.0",
    licence_page="https://github.com/recursionpharma/rxrx-datasets/blob/HEAD/rxrx2/README.md",
    citation=_recursion.CITATION_CUCCARESE,
    rows="field",
    channels=_recursion.SIX_STAINS,
    constants={"organism": "human"},
    expected_files=791718,
    expected_rows=131953,
    image_size=(1024, 1024),
    bit_depth=8,
    download_gb=185,
    downloads=(
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx2/rxrx2-images.zip",
            note="All images, 185 GB.",
        ),
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx2/rxrx2-metadata.zip",
            note="metadata.csv.",
        ),
    ),
    manual=(
        "Unpack both archives: rec_rxrx2/rxrx2/metadata.csv and "
        "rec_rxrx2/rxrx2/images/HUVEC-1/Plate1/AA03_s1_w1.png"
    ),
    read=read,
)
