"""Human Protein Atlas Image Classification (Kaggle, 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.kaggle import _hpa

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

LABELS = _hpa.Labels(
    id_column="Id",
    label_column="Target",
    separator=" ",
    structures=(
        "Nucleoplasm", "Nuclear membrane", "Nucleoli", "Nucleoli fibrillar center",
        "Nuclear speckles", "Nuclear bodies", "Endoplasmic reticulum", "Golgi apparatus",
        "Peroxisomes", "Endosomes", "Lysosomes", "Intermediate filaments", "Actin filaments",
        "Focal adhesion sites", "Microtubules", "Microtubule ends", "Cytokinetic bridge",
        "Mitotic spindle", "Microtubule organizing center", "Centrosome", "Lipid droplets",
        "Plasma membrane", "Cell junctions", "Mitochondria", "Aggresome", "Cytosol",
        "Cytoplasmic bodies", "Rods & rings",
    ),
)  # fmt: skip

_FULL_SIZE = "https://storage.googleapis.com/kaggle-human-protein-atlas/"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per stain file, see `_hpa.read`. Where both sizes are there, the PNG counts."""
    return _hpa.read(tree, report, LABELS)


SOURCE = Source(
    dir_name="kag_hpa",
    name="Human Protein Atlas Image Classification",
    database="Kaggle",
    description=(
        "Confocal images of human cell lines in four stains: the protein of interest (green), "
        "nucleus (blue), microtubules (red) and endoplasmic reticulum (yellow), one file each. The "
        "green image of a training field has the structures its protein is in, 1 to 5 of 28; test "
        "fields have none. The cell line of a field is not published: as in CytoImageNet all are "
        "called u2os, though 27 lines were used."
    ),
    homepage="https://www.kaggle.com/c/human-protein-atlas-image-classification",
    licence="unknown",
    licence_page="https://www.kaggle.com/c/human-protein-atlas-image-classification/rules",
    citation="""@article{ouyang2019analysis,
  title={Analysis of the Human Protein Atlas Image Classification competition},
  author={Ouyang, Wei and others},
  journal={Nature Methods},
  volume={16},
  pages={1254--1261},
  year={2019},
  doi={10.1038/s41592-019-0658-6}
}""",
    rows="channel",
    channels=_hpa.CHANNELS,
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=171096,
    expected_rows=171096,
    image_size=(512, 512),
    bit_depth=8,
    download_gb=18,
    downloads=(
        Download(
            url="https://www.kaggle.com/c/human-protein-atlas-image-classification",
            note="The competition's files; accept its rules on the page first.",
        ),
        Download(
            url=_FULL_SIZE + "train_full_size.7z",
            note="Full-size TIFF instead of the 512 px PNG, 189 GB.",
            needed=False,
        ),
        Download(
            url=_FULL_SIZE + "test_full_size.7z",
            note="Full-size TIFF instead of the 512 px PNG, 78 GB.",
            needed=False,
        ),
    ),
    manual=(
        "Accept the rules of the competition, then: kaggle competitions download -c "
        "human-protein-atlas-image-classification (18 GB). Unpack it: kag_hpa/train.csv, "
        "kag_hpa/sample_submission.csv, kag_hpa/train/<Id>_<colour>.png and "
        "kag_hpa/test/<Id>_<colour>.png, colour in red, green, blue, yellow. Full-size TIFF files "
        "in place of the PNG files are read too."
    ),
    unsure=("Whether the full-size archives are still served.",),
    read=read,
)
