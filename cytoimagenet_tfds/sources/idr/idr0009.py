"""IDR idr0009: siRNA screens of the early secretory pathway in HeLa."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, GENE, PHENOTYPES, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = _names.below(
    r"(?P<plate>\d{4}-\d\d--\d{4}-\d\d-\d\d)(?:/data)?", _names.SCANR
)  # fmt: skip
_STUDY = "idr0009-simpson-secretion"


def _url(name: str) -> str:
    return _study.table("idr-metadata", f"{_STUDY}/screen{name[14]}/{name}")


_SIRNA = ("siRNA Identifier",)
_WELLS = {"sirna": _SIRNA, "gene": GENE, "control": CONTROL}
_BLANK = frozenset({"null"})
_KINDS = (
    *(
        Kind(
            stem=f"idr0009-screen{letter}-annotation",
            columns=_WELLS,
            pooled={"phenotype": PHENOTYPES},
            blank=_BLANK,
            where=_url(f"idr0009-screen{letter}-annotation.csv{packed}"),
        )
        for letter, packed in (("A", ".gz"), ("B", ""))
    ),
    Kind(stem="idr0009-screen[AB]-library", columns=_WELLS, blank=_BLANK, needed=False),
    Kind(
        stem="idr0009-screen[AB]-processed",
        keys={"sirna": _SIRNA},
        columns={"gene": GENE},
        pooled={"phenotype": PHENOTYPES},
        blank=_BLANK,
        needed=False,
        unlisted=True,
    ),
)
# Control siRNAs, which the tables name only on part of the spots: role and target. Spots printed
# for control have a Q before the number.
_CONTROLS = {
    "103860": ("negative", ""),
    "24546": ("positive", "COPB1"),
    "111531": ("positive", "GOSR1"),
    "120368": ("positive", "RAB1A"),
    "28431": ("positive", "INCENP"),
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: nuclei, cargo at the surface and all cargo of each well."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    _names.add_wells(files)
    # Some plates call the channel of the nuclei `dapi`.
    files["channel"] = files["channel"].str.lower().replace("dapi", "nucleus-dapi")
    files["field"] = files["plate"] + "/" + files.pop("stem")
    files["group"] = files["plate"] + "/" + files["well"]
    files = _labels.label(files, _tables.Metadata(tree, report), _KINDS)
    files["control"] = _labels.controls(files["control"])
    number = files["sirna"].str.removeprefix("Q")
    for place, column in enumerate(("control", "gene")):
        known = {sirna: facts[place] for sirna, facts in _CONTROLS.items()}
        values = number.map(known).fillna("").astype("str")
        files[column] = files[column].where(files[column] != "", values)
    return files


SOURCE = Source(
    dir_name="idr0009",
    name="Early Secretory Pathway",
    database=_study.DATABASE,
    description=(
        "HeLa cells on arrays of 384 siRNA spots: a genome-wide screen (964 plates) and its "
        "validation (70 plates), one field a spot. How much of the cargo protein VSVG reaches the "
        "cell surface shows whether the depleted gene acts in secretion."
    ),
    homepage=_study.screen(803),
    links=(_study.screen(251),),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{simpson2012genome,
  title={Genome-wide RNAi screening identifies human proteins with a regulatory function in the
    early secretory pathway},
  author={Simpson, Jeremy C and others},
  journal={Nature Cell Biology},
  year={2012},
  doi={10.1038/ncb2510}
}""",
    rows="field",
    channels=(
        Channel(code="nucleus-dapi", name="f_nucleus", visible="nucleus", stain="DAPI"),
        Channel(
            code="pm-647",
            name="f_cell_membrane",
            visible="cell membrane",
            stain="antibody to tsO45G at the cell surface",
        ),
        Channel(
            code="vsvg-cfp",
            name="f_protein",
            visible="secretory protein",
            stain="CFP-tsO45G, all of it",
        ),
    ),
    constants={"organism": "human", "cell_type": "hela"},
    expected_files=1_192_704,
    expected_rows=397_056,
    image_size=(1024, 1344),
    download_gb=3250,
    downloads=(
        _study.images(f"{_STUDY}/20150507-VSVG/VSVG", "3.25 TB."),
        *_study.tables(
            _url("idr0009-screenA-annotation.csv.gz"),
            _url("idr0009-screenB-annotation.csv"),
            _url("idr0009-screenA-processed.txt"),
            _url("idr0009-screenB-processed.txt"),
        ),
    ),
    manual=(
        "Mirror the folder VSVG: idr0009/VSVG/0305-01--2007-04-03/data/"
        "A1--W00001--P00001--Z00000--T00000--nucleus-dapi.tif, and put the tables beside it. "
        + _study.SAME_TREE
    ),
    unsure=(
        "the blocks of ScanR file names are joined by two hyphens",
        "the well tables of screen A have the columns IDR's own import names",
    ),
    read=read,
)
