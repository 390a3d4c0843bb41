"""One cell in quantitative phase, as scikit-image ships it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Source

from . import tiles

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """The one file."""
    files = tree.match(r"(?:^|/)(?P<field>cell)\.png$", report)
    if not files.empty:
        files["canonical"] = "cell.png"
    return files


SOURCE = Source(
    dir_name="sample_cell",
    name="Cell in saline (scikit-image)",
    database=tiles.DATABASE,
    description="One cell in saline, a quantitative phase image out of a digital hologram.",
    homepage="https://pypi.org/project/scikit-image/0.26.0/",
    licence="CC0-1.0",
    licence_page="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.cell",
    citation="""@article{muller2018accurate,
  title={Accurate evaluation of size and refractive index for spherical objects in quantitative
    phase imaging},
  author={M{\\"u}ller, Paul and Sch{\\"u}rmann, Mirjam and Girardo, Salvatore and Cojoc, Gheorghe
    and Guck, Jochen},
  journal={Optics Express},
  volume={26},
  number={8},
  pages={10729--10743},
  year={2018},
  doi={10.1364/OE.26.010729}
}""",
    rows="channel",
    constants={
        "cell_visible": "cell body", "microscopy": "quantitative phase", "channels": "phase",
    },
    expected_files=1,
    expected_rows=1,
    image_size=(200, 139),
    bit_depth=8,
    pixel_size=0.107,
    manual="sample_cell/cell.png: the package holds the file.",
    read=read,
)  # fmt: skip
