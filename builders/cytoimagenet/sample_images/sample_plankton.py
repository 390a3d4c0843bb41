"""Phytoplankton seen by a FlowCam, as planktonclas ships it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Source

from . import tiles

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# ecotaxa_<taxon>_<GUID>.jpg in a folder of the same taxon.
_IMAGE = r"(?:^|/)(?P<field>ecotaxa_(?P<organism>[a-z]+)_[0-9a-f-]{36})\.jpg$"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; every file is one particle and a group of its own."""
    files = tree.match(_IMAGE, report)
    if not files.empty:
        files["canonical"] = files["path"].str.rsplit("/", n=1).str[-1]
    return files


SOURCE = Source(
    dir_name="sample_plankton",
    name="Phytoplankton by FlowCam (planktonclas)",
    database=tiles.DATABASE,
    description=(
        "105 particles of six taxa out of water samples, photographed one by one in an imaging "
        "flow microscope."
    ),
    homepage="https://pypi.org/project/planktonclas/0.2.4/",
    links=("https://doi.org/10.3389/fmars.2025.1699781",),
    licence="Apache-2.0",
    licence_page="https://pypi.org/project/planktonclas/0.2.4/",
    citation="""@misc{planktonclas,
  title={planktonclas},
  author={Decrop, Wout},
  note={version 0.2.4; related publication: Automated image classification workflow for
    phytoplankton monitoring, doi:10.3389/fmars.2025.1699781},
  url={https://github.com/lifewatch/planktonclas}
}""",
    rows="channel",
    constants={"microscopy": "brightfield", "channels": "brightfield"},
    expected_files=105,
    expected_rows=105,
    bit_depth=8,
    manual="sample_plankton/Tripos/ecotaxa_Tripos_<GUID>.jpg: the package holds the files.",
    read=read,
)
