"""IDR idr0080: Cell Painting of CRISPR perturbations in three lines (Cell Health)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CELL_LINE, CONTROL, GENE, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = _names.below(
    r"(?P<plate>SQ\d+)(?P<measurement>__[^/]+-Measurement ?\d+)?(?:_illum_corrected)?(?:/Images)?",
    _names.HARMONY,
)
# Deliveries of illumination-corrected copies, two of them behind links of the first.
_CORRECTED = r"(?:^|/)(?:20200923-illumcorrected|20200805-s3|20200917-ftp)/|_illum_corrected/"
_STUDY = "idr0080-way-perturbation"
_ANNOTATION = _study.table(_STUDY, "screenA/idr0080-screenA-annotation.csv")

_ANNOTATIONS = Kind(
    stem="idr0080-screenA-annotation",
    columns={
        "cell_type": CELL_LINE,
        "sirna": ("Reagent Identifier",),
        "gene": GENE,
        "control": CONTROL,
    },
    where=_ANNOTATION,
)


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: five stains of each field, as taken and illumination-corrected."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    _names.add_wells(files)
    measurement = files.pop("measurement")
    corrected = files["path"].str.contains(_CORRECTED) | (measurement == "")
    folder = files["plate"] + measurement.where(~corrected, "_illum_corrected")
    files["field"] = folder + "/" + files["well"] + "_f" + files["site"] + "_p" + files.pop("focal")
    files["group"] = files["plate"] + "/" + files["well"]
    _labels.mark_copies(files, ["plate", "well", "site"], corrected.astype(int))
    files = _labels.label(files, _tables.Metadata(tree, report), (_ANNOTATIONS,))
    files["control"] = _labels.controls(files["control"])
    return files.drop(columns="time")


SOURCE = Source(
    dir_name="idr0080",
    name="Perturbation",
    database=_study.DATABASE,
    description=(
        "A549, ES2 and HCC44 cells with one of 58 genes cut by CRISPR and stained by Cell "
        "Painting: nine plates of 384 wells, nine fields a well, five channels. The "
        "illumination-corrected copies of the plates are copies."
    ),
    homepage=_study.screen(2701),
    links=("https://github.com/broadinstitute/cell-health",),
    licence="CC0-1.0",
    licence_page="https://creativecommons.org/publicdomain/zero/1.0/",
    citation="""@article{way2021predicting,
  title={Predicting cell health phenotypes using image-based morphology profiling},
  author={Way, Gregory P and others and Singh, Shantanu},
  journal={Molecular Biology of the Cell},
  year={2021},
  doi={10.1091/mbc.E20-12-0784}
}""",
    rows="field",
    channels=(
        Channel(code="1", name="f_nucleus", visible="nucleus", stain="Hoechst"),
        Channel(code="2", name="f_er", visible="er", stain="concanavalin A, Alexa Fluor 488"),
        Channel(code="3", name="f_nucleoli", visible="nucleoli|rna", stain="488 long"),
        Channel(
            code="4",
            name="f_actin_golgi",
            visible="actin|golgi|cell membrane",
            stain="phalloidin and wheat germ agglutinin",
        ),
        Channel(code="5", name="f_mitochondria", visible="mitochondria", stain="MitoTracker"),
    ),
    constants={"organism": "human"},
    expected_files=155_520,
    expected_rows=31_104,
    image_size=(2160, 2160),
    download_gb=3062,
    downloads=(
        _study.images(
            f"{_STUDY}/20200316-s3/2015_07_01_Cell_Health_Vazquez_Cancer_Broad/CRISPR_PILOT_B1/"
            "images",
            "The plates as taken, 1.5 TB.",
        ),
        *_study.tables(_ANNOTATION),
    ),
    manual=(
        "Mirror the folder images: idr0080/images/SQ00014610__<time>-Measurement1/Images/"
        "r01c01f01p01-ch1sk1fk1fl1.tiff, and put the table beside it. The illumination-corrected "
        "plates are not needed. " + _study.SAME_TREE
    ),
    read=read,
)
