"""IDR idr0003: yeast GFP library under stress, 85 plates of 384 wells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, PHENOTYPES, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# ScanR puts images into `data/`; the mirror may have them in the plate's folder itself.
_IMAGE = _names.below(
    r"(?P<condition>DTT|H2O2|SD1|SD2|starvation)/(?P<number>p\d+)(?:/data)?", _names.SCANR
)
_STUDY = "idr0003-breker-plasticity"
_TABLE = f"{_STUDY}/screenA/idr0003-screenA-"
_ANNOTATION = _study.table("idr-metadata", f"{_TABLE}annotation.csv")
_LIBRARY = _study.table("idr-metadata", f"{_TABLE}library.txt")
_PROCESSED = _study.table("idr-metadata", f"{_TABLE}processed.txt")

_GENES = {"symbol": ("Gene Symbol",), "orf": ("Gene Identifier",)}
_STRESS = {
    "stress": ("Experimental Condition [environmental stress]", "Experiment Condition"),
}  # fmt: skip
_KINDS = (
    Kind(
        stem="idr0003-screenA-annotation",
        columns={**_GENES, **_STRESS, "control": CONTROL},
        pooled={"phenotype": PHENOTYPES},
        where=_ANNOTATION,
        needed=False,
    ),
    Kind(
        stem="idr0003-screenA-library",
        columns={**_GENES, **_STRESS, "control": CONTROL},
        where=_LIBRARY,
    ),
    Kind(
        stem="idr0003-screenA-processed",
        columns=_GENES,
        pooled={"phenotype": PHENOTYPES},
        where=_PROCESSED,
    ),
)
# Blank wells are marked so in columns of genes and of controls.
_BLANK = "missing_info_possibly_empty"
# Starvation and the synthetic medium are no compounds.
_COMPOUNDS = ("dithiothreitol", "hydrogen peroxide")
_LOCALIZATION = "gfp localization: "
_NOWHERE = ("ambiguous", "below threshold", "technical problem")


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: GFP, mCherry and transmitted light of each field."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    _names.add_wells(files)
    _names.spell_channels(files, *(channel.code for channel in SOURCE.channels))
    folder = files.pop("condition") + "/" + files["number"]
    files["field"] = folder + "/" + files.pop("stem")
    files["canonical"] = files["field"] + "--" + files["channel"] + ".tif"
    files["plate"] = folder.str.replace("/", " ")
    files["group"] = folder + "/" + files["well"]
    files = _labels.label(files, _tables.Metadata(tree, report), _KINDS)
    symbol = files.pop("symbol").replace(_BLANK, "")
    files["gene"] = symbol.where(symbol != "", files.pop("orf"))
    files["control"] = files["control"].replace(_BLANK, "possibly empty")
    stress = files.pop("stress")
    files["compound"] = stress.where(stress.isin(_COMPOUNDS), "")
    where = _labels.mapped(files["phenotype"], _structures)
    files["cell_visible"] = where.where(files["channel"] == "GFP", "")
    return files.drop(columns="number")


def _structures(phenotypes: str) -> str:
    """'gfp localization: er|gfp localization: ambiguous' -> 'er'."""
    names = [name.strip().removeprefix(_LOCALIZATION) for name in phenotypes.split("|")]
    return "|".join(name for name in names if name not in _NOWHERE)


SOURCE = Source(
    dir_name="idr0003",
    name="Plasticity",
    database=_study.DATABASE,
    description=(
        "Yeast strains, each with one of 5,330 proteins tagged by GFP, grown in synthetic medium, "
        "with dithiothreitol, with hydrogen peroxide or without nitrogen: 85 plates of 384 wells, "
        "three fields a well. Where the tagged protein is was judged by eye."
    ),
    homepage=_study.screen(51),
    licence="CC-BY-NC-SA-3.0",
    licence_page="https://creativecommons.org/licenses/by-nc-sa/3.0/",
    citation="""@article{breker2013novel,
  title={A novel single-cell screening platform reveals proteome plasticity during yeast stress
    responses},
  author={Breker, Michal and Gymrek, Melissa and Schuldiner, Maya},
  journal={Journal of Cell Biology},
  year={2013},
  doi={10.1083/jcb.201301120}
}""",
    rows="field",
    channels=(
        Channel(code="GFP", name="f_protein", stain="GFP fusion of one protein"),
        Channel(code="Cherry", name="f_cytoplasm", visible="cytosol", stain="mCherry"),
        Channel(
            code="Transmit",
            name="brightfield",
            visible="cell body",
            microscopy="brightfield",
            merge=False,
        ),
    ),
    constants={"organism": "yeast"},
    expected_files=293_760,
    expected_rows=195_840,
    image_size=(512, 672),
    bit_depth=12,
    download_gb=203,
    downloads=(
        _study.images(f"{_STUDY}/201301120/Images", "0.2 TB."),
        *_study.tables(_ANNOTATION, _LIBRARY, _PROCESSED),
    ),
    manual=(
        "Mirror the folder Images: idr0003/Images/DTT/p1/data/"
        "A1--W00001--P00001--Z00000--T00000--GFP.tif (or in DTT/p1/), and put the tables beside "
        "it. " + _study.SAME_TREE
    ),
    unsure=(
        "the blocks of ScanR file names are joined by two hyphens",
        "TIFFs lie in the plate's folder or in its subfolder data/; both are read",
        "pixels have 12 significant bits in 16-bit files",
    ),
    read=read,
)
