"""BBBC038: nuclei of the Kaggle 2018 Data Science Bowl.

The set mixes fluorescence, transmitted light and stained tissue, and no table at hand says which
image is what: the reader looks at the pixels. All 3,754 images are decoded for that, about 20 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Download, Source
from cytoimagenet_tfds.sources.bbbc import _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The archives have no top folder, so the folder of a stage is the user's own.
_IMAGE = (
    r"(?:(?:^|/)(?P<batch>stage[12][^/]*)/)?(?:(?<=/)|^)(?P<id>[0-9a-f]{64})/images/(?P=id)\.png$"
)
_MASKS = r"(?:^|/)masks/[^/]+\.png$"

_MICROSCOPY = {
    "stained": "brightfield",
    "bright": "brightfield",
    "dark": "fluorescence",
    "": "brightfield|fluorescence",
}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per image; stained tissue is marked, masks are no rows."""
    from cytoimagenet_tfds.sources.bbbc import _stained

    files = tree.match(_IMAGE, report, ignore=_MASKS)
    _site.note_left_out(tree, report, _MASKS, "label masks")
    if files.empty:
        return files
    # The identifier alone: the same image whatever the folder of its stage is called.
    files["field"] = files["id"].str.lower() + ".png"
    files["canonical"] = files["field"]
    looks = files["path"].map(
        dict(zip(files["path"], _stained.looks(tree, files["path"].tolist()), strict=True))
    )
    files["microscopy"] = looks.map(_MICROSCOPY)
    files["channels"] = looks.map(lambda look: "f_nucleus" if look == "dark" else "brightfield")
    files["excluded"] = (looks == "stained").map({True: "histopathology", False: ""})
    return files.drop(columns="id")


SOURCE = Source(
    dir_name="bbbc038",
    name="Kaggle 2018 Data Science Bowl",
    database=_site.DATABASE,
    description=(
        "Nuclei of many cell types, magnifications and modalities, collected for a segmentation "
        "competition in two stages. Stained tissue is left out unless asked for."
    ),
    homepage=_site.page(38),
    licence="CC0-1.0",
    licence_page=_site.page(38),
    citation="""@article{caicedo2019nucleus,
  author={Caicedo and others},
  journal={Nature Methods},
  year={2019},
  doi={10.1038/s41592-019-0612-7}
}""",
    rows="channel",
    constants={"organism": "human|mouse|fly", "cell_visible": "nucleus"},
    expected_files=3754,
    expected_rows=3754,
    download_gb=0.38,
    downloads=(
        Download(url=_site.address(38, "stage1_train.zip"), note="670 images, 82.9 MB."),
        Download(url=_site.address(38, "stage1_test.zip"), note="65 images, 9.5 MB."),
        Download(url=_site.address(38, "stage2_test_final.zip"), note="3,019 images, 289.7 MB."),
        Download(url=_site.address(38, "stage1_train_labels.csv"), note="Masks.", needed=False),
        Download(url=_site.address(38, "stage1_solution.csv"), note="Masks.", needed=False),
        Download(url=_site.address(38, "stage2_solution_final.csv"), note="Masks.", needed=False),
    ),
    manual=(
        "The archives have no top folder: unpack each into a folder of its own name, "
        "bbbc038/stage1_train/<ImageId>/images/<ImageId>.png, bbbc038/stage1_test/ and "
        "bbbc038/stage2_test_final/ likewise. Masks may stay or be left out."
    ),
    unsure=(
        "Stained tissue is recognized by colour on a bright ground; sections that were "
        "photographed in grey pass as transmitted light.",
        "Stage 2 also has 16-bit, grey and palette files.",
    ),
    read=read,
)
