"""Fluorescent nuclei of the 2018 Data Science Bowl, as stardist ships them."""

from __future__ import annotations

import functools

from cytoimagenet_tfds.sources.base import Source

from . import tiles

SOURCE = Source(
    dir_name="sample_dsb2018",
    name="Nuclei of the 2018 Data Science Bowl (stardist)",
    database=tiles.DATABASE,
    description=(
        "One field of fluorescent nuclei from the 2018 Kaggle Data Science Bowl, cut into nine "
        "tiles."
    ),
    homepage="https://pypi.org/project/stardist/0.9.2/",
    links=("https://bbbc.broadinstitute.org/BBBC038",),
    licence="BSD-3-Clause",
    licence_page="https://pypi.org/project/stardist/0.9.2/",
    citation="""@article{caicedo2019nucleus,
  title={Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl},
  author={Caicedo, Juan C and others},
  journal={Nature Methods},
  volume={16},
  number={12},
  year={2019},
  doi={10.1038/s41592-019-0612-7}
}""",
    rows="channel",
    constants={
        "cell_visible": "nucleus", "microscopy": "fluorescence", "channels": "f_nucleus",
    },
    expected_files=9,
    expected_rows=9,
    image_size=(170, 170),
    manual="sample_dsb2018/img2d_r0c0.tif: the package holds the files.",
    read=functools.partial(
        tiles.read, pattern=r"(?:^|/)(?P<field>img2d_(?P<site>r\dc\d))\.tif$"
    ),
)  # fmt: skip
