"""RxRx1: four cell lines under 1,108 siRNAs in 51 experimental batches.

Two tables are in use: `metadata.csv` of rxrx.ai, with the catalogue names of the siRNAs, and the
tables of the Kaggle competition, which have numbers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.recursion import _recursion

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Two digits, though a description of the data writes HUVEC-1: that is an experiment of RxRx2.
_EXPERIMENT = r"(?:hepg2|huvec|rpe|u2os)-\d\d"

_METADATA = "metadata.csv"
_FACTS = ("cell_type", "well_type", "sirna")
_KAGGLE = ("train.csv", "train_controls.csv", "test.csv", "test_controls.csv")
_WELL = _recursion.PLACE[:3]

_CONTROLS = {"negative_control": "negative", "positive_control": "positive"}
_UNTREATED = frozenset({"EMPTY", "UNTREATED"})
_UNTREATED_ID = "1138"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per channel file, with the treatment of its well from either set of tables."""
    if tree.find(_METADATA) is not None:
        lines = _recursion.read_sites(tree, report, _FACTS, _EXPERIMENT)
    else:
        lines = _read_kaggle(tree, report)
    if report.fatals:
        return lines
    lines["sirna"] = lines["sirna"].where(~lines["sirna"].isin(_UNTREATED), "")
    lines["control"] = lines.pop("well_type").map(_CONTROLS).fillna("")
    return lines


def _read_kaggle(tree: Tree, report: Report) -> pd.DataFrame:
    """Joins the competition's tables. A number becomes `sirna_id 513`, as metadata.csv counts.

    An earlier release has other numbers, spelled `sirna_250`: they stay as they are. Wells of the
    test tables have no siRNA.
    """
    import pandas as pd

    files = _recursion.images(tree, report, _EXPERIMENT)
    found = [tree.table(name, _WELL, report, needed=False) for name in _KAGGLE]
    columns = [*_WELL, *_FACTS]
    tables = [t.reindex(columns=columns, fill_value="") for t in found if t is not None]
    if not tables:
        report.fatal(f"Neither {_METADATA} nor any of {', '.join(_KAGGLE)} is there.", tree.files)
    if report.fatals:
        return files
    table = pd.concat(tables, ignore_index=True)
    table["cell_type"] = table["experiment"].str.split("-").str[0]
    numbered = table["sirna"].str.fullmatch(r"\d+")
    untreated = table["sirna"] == _UNTREATED_ID
    table["sirna"] = table["sirna"].mask(numbered, "sirna_id " + table["sirna"])
    table["sirna"] = table["sirna"].mask(untreated, "")
    report.note(
        "sirna names",
        f"{_METADATA} is not there. The tables of the competition have numbers, not catalogue "
        "names: the siRNA labels are others than those of CytoImageNet.",
    )
    what = "the tables of the competition"
    return _recursion.with_table(files, table, report, facts=_FACTS, on=_WELL, what=what)


SOURCE = Source(
    dir_name="rec_rxrx1",
    name="RxRx1",
    database=_recursion.DATABASE,
    description=(
        "HUVEC, RPE, HepG2 and U2OS cells in 51 experimental batches, each well treated with one "
        "of 1,108 siRNAs, a positive control or nothing. Six stains of two sites per well are "
        "merged to one image."
    ),
    homepage="https://www.rxrx.ai/rxrx1",
    links=("https://www.kaggle.com/c/recursion-cellular-image-classification",),
    licence="CC-BY-NC-SA-4.0",
    licence_page="https://github.com/recursionpharma/rxrx-datasets",
    citation="""@misc{sypetkowski2023rxrx1,
  title={RxRx1: A Dataset for Evaluating Experimental Batch Correction Methods},
  author={Sypetkowski and others},
  year={2023},
  eprint={2301.05768},
  archivePrefix={arXiv},
  doi={10.48550/arXiv.2301.05768}
}
@inproceedings{taylor2019rxrx1,
  title={RxRx1: An Image Set for Cellular Morphological Variation Across Many Experimental Batches},
  author={Taylor and Earnshaw and Mabey and Victors and Yosinski},
  booktitle={ICLR 2019 AI for Social Good workshop},
  year={2019}
}""",
    rows="field",
    channels=_recursion.SIX_STAINS,
    constants={"organism": "human"},
    expected_files=753060,
    expected_rows=125510,
    image_size=(512, 512),
    bit_depth=8,
    download_gb=47,
    downloads=(
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx1/rxrx1-images.zip",
            note="Images, 45 to 47 GB.",
        ),
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx1/rxrx1-metadata.zip",
            note="metadata.csv, about 1 MB.",
        ),
        Download(
            url="https://storage.googleapis.com/rxrx/rxrx1/rxrx1-dl-embeddings.zip",
            note="Embeddings, about 51 MB.",
            needed=False,
        ),
    ),
    manual=(
        "Unpack both archives: rec_rxrx1/rxrx1/metadata.csv and "
        "rec_rxrx1/rxrx1/images/HUVEC-01/Plate1/M23_s2_w3.png. The Kaggle layout is read too: "
        "rec_rxrx1/train/HUVEC-01/Plate1/... and rec_rxrx1/test/... with train.csv, test.csv, "
        "train_controls.csv and test_controls.csv."
    ),
    read=read,
)
