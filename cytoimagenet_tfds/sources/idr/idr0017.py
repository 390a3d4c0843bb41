"""IDR idr0017: 1,280 compounds on twelve isogenic HCT116 lines, 96 plates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The folder's numbers count: the .xdce file in it carries other ones.
_IMAGE = _names.below(
    r"(?P<folder>\d{4}-\d\d-\d\d[ _]X-Man[ _]LOPAC_X(?P<line>\d\d)_LP_S(?P<library>\d\d)"
    r"_(?P<replicate>\d))",
    _names.IN_CELL,
)
_STUDY = "idr0017-breinig-drugscreen"
_ANNOTATION = _study.table(_STUDY, "screenA/idr0017-screenA-annotation.csv")
_PROCESSED = _study.table(_STUDY, "screenA/idr0017-screenA-processed.txt")

# Name in IDR's plates and the genes changed, by the number of the line.
_LINES = {
    "01": ("AKT1-/-_&_AKT2-/-", "akt1|akt2"),
    "02": ("MEK2-/-", "mek2"),
    "03": ("AKT1-/-", "akt1"),
    "04": ("CTNNB1_mt-/wt+", "ctnnb1"),
    "05": ("PARENTAL007", ""),
    "06": ("P53-/-", "p53"),
    "07": ("PTEN-/-", "pten"),
    "08": ("PI3KCA_mt-/wt+", "pi3kca"),
    "09": ("KRAS_mt-/wt+", "kras"),
    "10": ("BAX-/-", "bax"),
    "11": ("MEK1-/-", "mek1"),
    "12": ("PARENTAL001", ""),
}

_TARGET = {
    "compound": ("Compound Name",),
    "action": ("Compound Action",),
    "target": ("Compound Selectivity Updated",),
    "control": CONTROL,
}
_BLANK = frozenset({"na", "no treatment"})
_KINDS = (
    Kind(stem="idr0017-screenA-annotation", columns=_TARGET, blank=_BLANK, where=_ANNOTATION),
    Kind(
        stem="idr0017-screenA-processed",
        columns={name: headers for name, headers in _TARGET.items() if name != "control"},
        blank=_BLANK,
        where=_PROCESSED,
        needed=False,
    ),
    # The plate maps of the authors' package: one for all lines.
    Kind(
        stem="(?:PGPC_LOPAC_library_384|Changed_LOPAC3_384)",
        keys={"map": ("PlateName",), "well": ("Well",)},
        columns={
            "compound": ("Name",),
            "action": ("Action",),
            "target": ("Selectivity_updated",),
            "role": ("GeneID",),
        },
        blank=frozenset({"na"}),
        needed=False,
    ),
)
# The plate maps shorten the names of control compounds; these are IDR's names for them.
_CONTROL_COMPOUNDS = {
    "dapt": "DAPT",
    "dmso": "DMSO",
    "iwp": "IWP-2",
    "ly": "LY-294,002 hydrochloride",
    "paclitaxel": "Taxol",
    "pd": "PD 98,059",
    "rapa": "Sirolimus",
    "u0126": "U0126",
    "vinblastin": "Vinblastine sulfate salt",
    "vinblastin 0.1µm": "Vinblastine sulfate salt",
    "wortmannin": "Wortmannin from Penicillium funiculosum",
    "y27": "Y-27632 dihydrochloride",
}
_ROLE = r"^(?P<role>neg ctr|ctrl|no treatment)\s*(?P<name>.*)$"
_ROLES = {"neg ctr": "negative", "ctrl": "positive", "no treatment": "empty"}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: nuclei and actin of each field."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    _names.add_wells(files)
    _names.spell_channels(files, "DAPI", "Cy3")
    folder = files.pop("folder").str.replace(" ", "_")
    files["field"] = folder + "/" + files["well"] + "_f" + files["site"]
    files["group"] = folder + "/" + files["well"]
    line, library = files.pop("line"), files.pop("library").str.lstrip("0")
    files["batch"] = line.map({number: name for number, (name, _) in _LINES.items()}).fillna(line)
    files["gene"] = line.map({number: genes for number, (_, genes) in _LINES.items()}).fillna("")
    files["plate"] = (
        files["batch"] + "_LOPAC_Plate_" + library + "_Replicate_" + files.pop("replicate")
    )
    files["map"] = "P" + library
    files = _labels.label(files, _tables.Metadata(tree, report), _KINDS, ("plate", "map", "well"))
    _add_controls(files)
    target, action = files.pop("target"), files.pop("action")
    files["phenotype"] = target + (" " + action).where((target != "") & (action != ""), "")
    return files.drop(columns="map")


def _add_controls(files: pd.DataFrame) -> None:
    """Takes roles and control compounds from the plate maps where IDR's tables say nothing."""
    from cytoimagenet_tfds.sources.idr import _labels

    roles = files.pop("role").str.extract(_ROLE).fillna("")
    role = roles["role"].map(_ROLES).fillna("")
    stated = _labels.controls(files["control"])
    files["control"] = stated.where(stated != "", role)
    name = _labels.mapped(roles["name"], lambda text: _CONTROL_COMPOUNDS.get(text, text))
    files["compound"] = files["compound"].where(files["compound"] != "", name)


SOURCE = Source(
    dir_name="idr0017",
    name="Chemical-Genetic Interaction Map",
    database=_study.DATABASE,
    description=(
        "HCT116 cells, two parental and ten isogenic lines with changes in oncogenic pathways, "
        "treated with the 1,280 compounds of the LOPAC library: 96 plates of 384 wells, four "
        "fields a well, nuclei and actin. Images are dark towards their borders."
    ),
    homepage=_study.screen(1151),
    links=("http://bioconductor.org/packages/devel/data/experiment/html/PGPC.html",),
    licence="CC-BY-NC-ND-4.0",
    licence_page="https://creativecommons.org/licenses/by-nc-nd/4.0/",
    citation="""@article{breinig2015chemical,
  title={A chemical-genetic interaction map of small molecules using high-throughput imaging in
    cancer cells},
  author={Breinig, Marco and Klein, Felix A and Huber, Wolfgang and Boutros, Michael},
  journal={Molecular Systems Biology},
  year={2015},
  doi={10.15252/msb.20156400}
}""",
    rows="field",
    channels=(
        Channel(code="DAPI", name="f_nucleus", visible="nucleus", stain="Hoechst"),
        Channel(code="Cy3", name="f_actin", visible="actin", stain="TRITC-phalloidin"),
    ),
    constants={"organism": "human", "cell_type": "hct116"},
    expected_files=294_912,
    expected_rows=147_456,
    image_size=(2048, 2048),
    download_gb=2475,
    downloads=(
        _study.images(f"{_STUDY}/20151124/14_X-Man_10x/source", "2.5 TB."),
        *_study.tables(_ANNOTATION, _PROCESSED),
        Download(
            url="http://bioconductor.org/packages/devel/data/experiment/html/PGPC.html",
            note="The authors' package; its plate maps (inst/extdata/conf) can replace the tables.",
            needed=False,
        ),
    ),
    manual=(
        "Mirror the folder source: idr0017/source/2011-11-17_X-Man_LOPAC_X01_LP_S01_1/"
        "A - 1(fld 1 wv DAPI - DAPI).tif, and put the tables beside it. " + _study.SAME_TREE
    ),
    read=read,
)
