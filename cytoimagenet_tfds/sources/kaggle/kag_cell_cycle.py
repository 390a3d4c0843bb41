"""Cell Cycle Experiments (Kaggle): dividing cells of a roundworm through a paper microscope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = r"(?:^|/)(?P<phenotype>interphase|mitosis)/IMG_(?P<photo>\d+)-(?P<crop>\d+)\.jpe?g$"
# The archive also has a far larger copy of BBBC048.
_JURKAT = r"(?:^|/)jurkat cells[^/]*/"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per crop of a photograph; the folder is the label, the photograph the group."""
    files = tree.match(_IMAGE, report, ignore=_JURKAT)
    if files.empty:
        return files
    files["phenotype"] = files["phenotype"].str.lower()
    name = "IMG_" + files["photo"] + "-" + files["crop"] + ".jpg"
    files["field"] = files["phenotype"] + "/" + name
    files["canonical"] = files["field"]
    # One photograph has crops in both classes.
    files["group"] = "kag_cell_cycle:IMG_" + files["photo"]
    return files.drop(columns=["photo", "crop"])


SOURCE = Source(
    dir_name="kag_cell_cycle",
    name="Cell Cycle Experiments",
    database="Kaggle",
    description=(
        "Cells in interphase and mitosis on haematoxylin-stained prepared slides of Ascaris "
        "uterus, through a Foldscope paper microscope (about 500 times) with a phone camera. "
        "Several crops come from one photograph. Only the nematode part of the archive is used; "
        "its Jurkat part is a copy of BBBC048."
    ),
    homepage="https://www.kaggle.com/paultimothymooney/cell-cycle-experiments",
    licence="unknown",
    licence_page="https://www.kaggle.com/paultimothymooney/cell-cycle-experiments",
    citation="""@misc{mooney2019lowcost,
  title={Low-Cost Cell Biology Experiments for Data Scientists},
  author={Mooney, P.},
  howpublished={Towards Data Science},
  month={February},
  year={2019}
}""",
    rows="channel",
    constants={
        "organism": "nematode",
        "cell_visible": "nucleus",
        "channels": "brightfield",
        "microscopy": "brightfield",
    },
    expected_files=90,
    expected_rows=90,
    image_size=(256, 256),
    bit_depth=8,
    downloads=(
        Download(
            url="https://www.kaggle.com/datasets/paultimothymooney/cell-cycle-experiments",
            note="The whole dataset; the nematode part, about 0.8 MB, is used.",
        ),
    ),
    manual=(
        "kaggle datasets download -d paultimothymooney/cell-cycle-experiments, then unpack: "
        "kag_cell_cycle/nematode cells/nematode cells/interphase/IMG_1667-1.jpg and "
        ".../mitosis/IMG_1715-7.jpg. The folder 'jurkat cells (merged only)' is not needed."
    ),
    read=read,
)
