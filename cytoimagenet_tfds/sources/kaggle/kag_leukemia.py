"""Leukemia Classification (Kaggle; C-NMC 2019): segmented white blood cells in three phases.

The preliminary and the final phase both number their files from 1.bmp, so a file is known by its
phase and name, never by its name alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Download, Source

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?:(?P<fold>fold_\d)/(?:all|hem)/(?P<original>UID_H?\d+_\d+_\d+_(?:all|hem)\.bmp)"
    r"|C-NMC_test_(?P<phase>prelim|final)_phase_data/(?P<number>\d+)\.bmp)$"
)
_PRELIMINARY_LABELS = "C-NMC_test_prelim_phase_data_labels.csv"
_LABEL_COLUMNS = ("Patient_ID", "new_names", "labels")
_SUBJECT = r"(?i)^UID_(H?\d+)_\d+_\d+_(all|hem)\.bmp$"
_PHENOTYPES = {"all": "leukemia", "hem": "wildtype", "": ""}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per cell. Subjects that share a file, byte for byte, are one group."""
    from cytoimagenet_tfds.sources import content

    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    phase = files["phase"].str.lower()
    files["canonical"] = files["fold"].str.lower() + "/" + files["original"]
    numbered = phase != ""
    files["canonical"] = files["canonical"].where(~numbered, phase + "/" + files["number"] + ".bmp")
    files["field"] = files["canonical"]
    files["batch"] = files["fold"].str.lower().where(~numbered, phase)
    names = _original_names(files, tree, report).str.extract(_SUBJECT).fillna("")
    files["phenotype"] = names[1].str.lower().map(_PHENOTYPES)
    # One healthy subject is spelled h3 where the others have H. The subjects of the final phase are
    # not published: none of its images may be divided from another.
    subject = names[0].str.upper()
    subject = subject.where(subject != "", files["batch"])
    twins = content.twins(tree, files["path"].tolist())
    files["group"] = "kag_leukemia:" + content.joined(subject, twins)
    return files.drop(columns=["fold", "original", "phase", "number"])


def _original_names(files: pd.DataFrame, tree: Tree, report: Report) -> pd.Series:
    """Returns the name that holds subject and class: '' for the final phase."""
    original = files["original"].copy()
    preliminary = files["phase"].str.lower() == "prelim"
    if not preliminary.any():
        return original
    table = tree.table(_PRELIMINARY_LABELS, _LABEL_COLUMNS, report, needed=False)
    if table is None:
        return original
    named = dict(zip(table["new_names"].str.lower(), table["Patient_ID"], strict=True))
    found = (files["number"] + ".bmp").map(named)
    unlisted = preliminary & found.isna()
    if unlisted.any():
        report.note(
            "not in table",
            f"{wording.counted(int(unlisted.sum()), 'image')} not in {_PRELIMINARY_LABELS}: no "
            "label.",
            files.loc[unlisted, "path"].tolist(),
        )
    return original.where(~preliminary, found.fillna(""))


SOURCE = Source(
    dir_name="kag_leukemia",
    name="Leukemia Classification",
    database="Kaggle",
    description=(
        "White blood cells from bone marrow of patients with acute lymphoblastic leukaemia and of "
        "healthy subjects, 118 in all, each cell cut out on a black background. Training images "
        "and those of the preliminary test phase have a class; those of the final phase have none "
        "and keep organism and cell type only."
    ),
    homepage="https://www.kaggle.com/andrewmvd/leukemia-classification",
    links=("https://www.cancerimagingarchive.net/collection/c-nmc-2019/",),
    licence="CC-BY-3.0",
    licence_page="https://www.cancerimagingarchive.net/collection/c-nmc-2019/",
    citation="""@misc{gupta2019all,
  title={ALL Challenge dataset of ISBI 2019},
  author={Gupta, A. and Gupta, R.},
  publisher={The Cancer Imaging Archive},
  year={2019},
  doi={10.7937/tcia.2019.dc64i46r}
}
@inproceedings{gupta2017sdlayer,
  title={SD-Layer},
  booktitle={MICCAI},
  year={2017}
}
@article{gupta2020gcti,
  title={GCTI-SN},
  journal={Medical Image Analysis},
  year={2020},
  doi={10.1016/j.media.2020.101788}
}""",
    rows="channel",
    constants={
        "organism": "human",
        "cell_type": "white blood cell",
        "channels": "brightfield",
        "microscopy": "brightfield",
    },
    expected_files=15114,
    expected_rows=15114,
    bit_depth=8,
    segmented=True,
    download_gb=10.4,
    downloads=(
        Download(
            url="https://www.kaggle.com/datasets/andrewmvd/leukemia-classification",
            note="The whole dataset.",
        ),
    ),
    manual=(
        "kaggle datasets download -d andrewmvd/leukemia-classification (10.4 GB), then unpack: "
        "kag_leukemia/C-NMC_Leukemia/training_data/fold_0/all/UID_11_10_1_all.bmp, "
        ".../validation_data/C-NMC_test_prelim_phase_data/1.bmp with "
        f".../validation_data/{_PRELIMINARY_LABELS} beside the folder, and "
        ".../testing_data/C-NMC_test_final_phase_data/1.bmp."
    ),
    unsure=("The size of the final images, which is not 450x450 at 24 bits.",),
    read=read,
)
