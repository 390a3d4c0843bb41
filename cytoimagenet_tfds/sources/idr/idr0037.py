"""IDR idr0037: human induced pluripotent stem cell lines of HipSci on fibronectin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Harmony's export: the name a plate was given, the time, and which measurement of it.
_IMAGE = _names.below(
    r"(?P<folder>[^/]+__\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d-Measurement ?\d+)(?:/Images)?",
    _names.HARMONY,
)
_STUDY = "idr0037-vigilante-hipsci"
_ANNOTATION = _study.table(_STUDY, "screenA/idr0037-screenA-annotation.csv")
_LIBRARY = _study.table(_STUDY, "screenA/idr0037-screenA-library.txt")
_PLATES = _study.table(_STUDY, "screenA/idr0037-screenA-plates.tsv")

_COLUMNS = {
    "line": ("Characteristics [Cell Line]", "Experimental Condition [Cell Line]"),
    "kind": ("Characteristics [Cell Type]",),
    "compound": ("Experimental Condition [Compound]",),
    "dose": ("Experimental Condition [Dose]",),
    "control": ("Control Type", "Control Comments"),
}
_KINDS = (
    Kind(stem="idr0037-screenA-annotation", columns=_COLUMNS, where=_ANNOTATION),
    Kind(stem="idr0037-screenA-library", columns=_COLUMNS, where=_LIBRARY, needed=False),
)
_PLANE = 1  # a few fields have further focal planes


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane. Plates of other studies in the same folder are left out."""
    from cytoimagenet_tfds.sources.idr import _labels, _plates, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    meta = _tables.Metadata(tree, report)
    files = _own_plates(files, _plates.read(meta, "idr0037-screenA-plates"), report)
    _names.add_wells(files)
    folder = files.pop("folder")
    files["field"] = folder + "/" + files["well"] + "_f" + files["site"] + "_p" + files["focal"]
    files["canonical"] = files["field"] + "_ch" + files["channel"] + ".tiff"
    files["group"] = folder + "/" + files["well"]
    other = files.pop("focal").astype(int) != _PLANE
    transmitted = files["channel"] == "4"
    files["excluded"] = other.map({True: "other focal plane", False: ""})
    files["excluded"] = files["excluded"].mask(transmitted & ~other, "transmitted light")
    files = _labels.label(files, meta, _KINDS)
    files["control"] = _labels.controls(files["control"])
    files["concentration"] = _labels.numbers(files.pop("dose"))
    files["concentration_unit"] = _labels.unit(files["concentration"], "ug/ml")
    line, kind = files.pop("line"), files.pop("kind")
    files["cell_type"] = line.where(line != "", kind)
    return files.drop(columns="time")


def _own_plates(files: pd.DataFrame, folders: dict[str, str], report: Report) -> pd.DataFrame:
    """Adds `plate`; part of the plates lie among those of idr0034, which stay out."""
    from cytoimagenet_tfds.sources.idr import _plates

    if not folders:
        report.note(
            "missing table",
            "No table idr0037-screenA-plates* lies here: plates of other studies cannot be told "
            f"from those of idr0037, and labels stay empty. Get it from {_PLATES}",
        )
        return files.assign(plate=files["folder"])
    measured = {
        # The folder that names the plate, without `Images` and without what lies above it.
        next(part for part in reversed(folder.split("/")) if part != "Images"): plate
        for folder, plate in folders.items()
    }
    files["plate"] = _plates.Folders(measured).plates(files["folder"])
    foreign = files["plate"] == ""
    if foreign.any():
        report.note(
            "unknown plate",
            f"{wording.counted(int(foreign.sum()), 'file lies', 'files lie')} in plates that "
            "idr0037 does not list: left out.",
            files.loc[foreign, "path"].tolist(),
        )
    return files[~foreign].reset_index(drop=True)


SOURCE = Source(
    dir_name="idr0037",
    name="Variation in Human iPSC lines",
    database=_study.DATABASE,
    description=(
        "115 lines of human induced pluripotent stem cells on three concentrations of fibronectin: "
        "69 plates of 96 wells, nine fields a well; nuclei, EdU and membranes, and transmitted "
        "light, which is not part of CytoImageNet."
    ),
    homepage=_study.screen(2051),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{vigilante2019identifying,
  title={Identifying extrinsic versus intrinsic drivers of variation in cell behavior in human
    iPSC lines from healthy donors},
  author={Vigilante, Alessandra and others},
  journal={Cell Reports},
  year={2019},
  doi={10.1016/j.celrep.2019.01.094}
}""",
    rows="field",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="DAPI"),
        Channel(
            code="2",
            name="f_proliferation",
            visible="nucleus",
            stain="EdU, Alexa Fluor 488",
        ),
        Channel(code="3", name="f_cell_membrane", visible="cell membrane", stain="CellMask"),
        Channel(
            code="4",
            name="brightfield",
            visible="cell body",
            microscopy="brightfield",
            merge=False,
        ),
    ),
    constants={"organism": "human"},
    expected_files=120_312,
    expected_rows=60_156,
    image_size=(1024, 1360),
    download_gb=248,
    downloads=(
        _study.images(f"{_STUDY}/images", "40 of the plates."),
        _study.images("idr0034-kilpinen-hipsci/20170421-original", "29 of the plates."),
        *_study.tables(_ANNOTATION, _PLATES),
    ),
    manual=(
        "Mirror the 40 plates of this study and the 29 that lie in idr0034: "
        "idr0037/images/2016-10-03 HipSci Exp 66__2016-10-03T11_12_03-Measurement1/Images/"
        "r01c01f01p01-ch1sk1fk1fl1.tiff, idr0037/20170421-original/Oli/..., and put the tables "
        "beside them. " + _study.SAME_TREE
    ),
    unsure=("channel 4 is transmitted light on every plate",),
    read=read,
)
