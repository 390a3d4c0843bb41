"""Human Protein Atlas, single cell classification (Kaggle, 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.kaggle import _hpa

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

LABELS = _hpa.Labels(
    id_column="ID",
    label_column="Label",
    separator="|",
    structures=(
        "Nucleoplasm", "Nuclear membrane", "Nucleoli", "Nucleoli fibrillar center",
        "Nuclear speckles", "Nuclear bodies", "Endoplasmic reticulum", "Golgi apparatus",
        "Intermediate filaments", "Actin filaments", "Microtubules", "Mitotic spindle",
        "Centrosome", "Plasma membrane", "Mitochondria", "Aggresome", "Cytosol",
        "Vesicles and punctate cytosolic patterns", "Negative",
    ),
)  # fmt: skip


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per stain file, see `_hpa.read`."""
    return _hpa.read(tree, report, LABELS)


SOURCE = Source(
    dir_name="kag_hpa_single",
    name="Human Protein Atlas - Single Cell Classification",
    database="Kaggle",
    description=(
        "Confocal images of human cell lines in four stains: the protein of interest (green), "
        "nucleus (blue), microtubules (red) and endoplasmic reticulum (yellow), one file each. The "
        "green image of a training field has the structures its protein is in, 1 to 5 of 19; test "
        "fields have none. Every training field is also in the 2018 competition, at another "
        "resolution and with other labels. The cell line of a field is not published: as in "
        "CytoImageNet all are called u2os, though 17 lines were used."
    ),
    homepage="https://www.kaggle.com/c/hpa-single-cell-image-classification",
    licence="unknown",
    licence_page="https://www.kaggle.com/c/hpa-single-cell-image-classification/rules",
    citation="""@article{le2022analysis,
  title={Analysis of the Human Protein Atlas Weakly Supervised Single-Cell Classification
    competition},
  author={Le and others},
  journal={Nature Methods},
  volume={19},
  pages={1221--1229},
  year={2022},
  doi={10.1038/s41592-022-01606-z}
}""",
    rows="channel",
    channels=_hpa.CHANNELS,
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=89460,
    expected_rows=89460,
    download_gb=150,
    downloads=(
        Download(
            url="https://www.kaggle.com/c/hpa-single-cell-image-classification",
            note="The competition's files; accept its rules on the page first.",
        ),
    ),
    manual=(
        "Accept the rules of the competition, then: kaggle competitions download -c "
        "hpa-single-cell-image-classification (about 150 GB). Unpack it: kag_hpa_single/train.csv, "
        "kag_hpa_single/sample_submission.csv, kag_hpa_single/train/<ID>_<colour>.png and "
        "kag_hpa_single/test/<ID>_<colour>.png, colour in red, green, blue, yellow. The folders "
        "train_tfrecords and test_tfrecords are not needed."
    ),
    unsure=(
        "Bit depth: 8 bits in most reports, 16 for some files; each is read as it is.",
        "The columns of sample_submission.csv, of which only ID is used.",
    ),
    read=read,
)
