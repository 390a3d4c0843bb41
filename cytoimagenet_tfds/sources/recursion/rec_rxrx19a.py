"""RxRx19a: compounds against SARS-CoV-2 in infected kidney cells."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.recursion import _recursion

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Five stains: unlike in the other three sets w5 is the Golgi and nothing shows mitochondria.
_CHANNELS = (
    _recursion.NUCLEUS,
    _recursion.ER,
    _recursion.ACTIN,
    _recursion.NUCLEOLI,
    dataclasses.replace(_recursion.GOLGI, code="5"),
)

# CytoImageNet calls every image of this set human. VERO is a cell line of the African green monkey,
# so its images are labelled as what they are.
_ORGANISMS = {"hrce": "human", "vero": "monkey"}

_FACTS = ("cell_type", "disease_condition", "treatment", "treatment_conc")


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per image file, joined to the condition and treatment of its site."""
    lines = _recursion.read_sites(tree, report, _FACTS)
    if report.fatals:
        return lines
    lines["phenotype"] = lines.pop("disease_condition")
    lines["organism"] = lines["cell_type"].str.lower().map(_ORGANISMS).fillna("")
    return _recursion.treatment_facts(lines, untreated="untreated", unit="um")


SOURCE = Source(
    dir_name="rec_rxrx19a",
    name="RxRx19a",
    database=_recursion.DATABASE,
    description=(
        "Human renal cortical epithelial cells (HRCE) and African green monkey cells (VERO) in "
        "1536-well plates, infected with SARS-CoV-2, with inactivated virus or none, and treated "
        "with some 1,670 compounds at six doses, in five fluorescent stains at four sites a well. "
        "There is no mitochondria stain. CytoImageNet calls the VERO images human, this package "
        "does not."
    ),
    homepage="https://www.rxrx.ai/rxrx19a",
    links=("https://doi.org/10.1101/2020.08.02.233064",),
    licence="CC-BY-4.0",
    licence_page="https://github.com/recursionpharma/rxrx-datasets/blob/HEAD/rxrx19a/README.md",
    citation="""@article{heiser2020identification,
  title={Identification of potential treatments for COVID-19 through artificial intelligence-enabled
    phenomic analysis of human cells infected with SARS-CoV-2},
  author={Heiser and others},
  journal={bioRxiv},
  year={2020},
  doi={10.1101/2020.04.21.054387}
}""",
    rows="field",
    channels=_CHANNELS,
    expected_files=1527600,
    expected_rows=305520,
    image_size=(1024, 1024),
    bit_depth=8,
    pixel_size=0.65,
    download_gb=445,
    downloads=(
        Download(
            url="https://storage.googleapis.com/rxrx/RxRx19a/RxRx19a-images.zip",
            note="All images, 445 GB.",
        ),
        Download(
            url="https://storage.googleapis.com/rxrx/RxRx19a/RxRx19a-metadata.zip",
            note="metadata.csv.",
        ),
    ),
    manual=(
        "Unpack both archives: rec_rxrx19a/RxRx19a/metadata.csv and "
        "rec_rxrx19a/RxRx19a/images/HRCE-1/Plate1/AA02_s2_w3.png. Single images are served below "
        "https://storage.googleapis.com/rxrx/RxRx19a/images/ under the same relative path."
    ),
    read=read,
)
