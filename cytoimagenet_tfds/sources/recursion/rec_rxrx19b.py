"""RxRx19b: compounds against a COVID-19 associated cytokine storm in HUVEC cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.recursion import _recursion

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_FACTS = ("cell_type", "disease_condition", "treatment", "treatment_conc")

# The state without cytokines, on one plate: an empty cell or this word, and no phenotype.
_BLANK = "blank"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per image file, joined to the condition and treatment of its site."""
    lines = _recursion.read_sites(tree, report, _FACTS)
    if report.fatals:
        return lines
    condition = lines.pop("disease_condition").str.strip().str.lower()
    lines["phenotype"] = condition.where(condition != _BLANK, "")
    lines = _recursion.treatment_facts(lines, untreated="untreated", unit="um")
    blank = (lines["phenotype"] == "") & (lines["excluded"] == "")
    lines["control"] = lines["control"].mask(blank, _BLANK)
    return lines


SOURCE = Source(
    dir_name="rec_rxrx19b",
    name="RxRx19b",
    database=_recursion.DATABASE,
    description=(
        "HUVEC cells in 53 plates of 1536 wells under a severe cytokine storm (storm-severe) or a "
        "healthy cytokine background, treated with some 1,860 compounds at four to six "
        "concentrations, in six fluorescent stains at one site a well."
    ),
    homepage="https://www.rxrx.ai/rxrx19b",
    licence="CC-BY-4.0",
    licence_page="https://github.com/recursionpharma/rxrx-datasets/blob/HEAD/rxrx19b/README.md",
    citation=_recursion.CITATION_CUCCARESE,
    rows="field",
    channels=_recursion.SIX_STAINS,
    constants={"organism": "human"},
    expected_files=422304,
    expected_rows=70384,
    image_size=(2048, 2048),
    bit_depth=8,
    download_gb=409,
    downloads=(
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx19b/rxrx19b-images.zip",
            note="All images, 409 GB.",
        ),
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx19b/rxrx19b-metadata.zip",
            note="metadata.csv.",
        ),
    ),
    manual=(
        "Unpack both archives: rec_rxrx19b/rxrx19b/metadata.csv and "
        "rec_rxrx19b/rxrx19b/images/HUVEC-1/Plate1/AA03_s1_w1.png"
    ),
    unsure=(
        "The order of the six stains, taken to be that of RxRx1.",
        "How CytoImageNet wrote the conditions storm-severe and healthy.",
    ),
    read=read,
)
