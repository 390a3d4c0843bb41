"""Fluorescent nuclei, as mahotas ships them."""

from __future__ import annotations

import functools

from cytoimagenet_tfds.sources.base import Source

from . import tiles

SOURCE = Source(
    dir_name="sample_mahotas",
    name="Cell nuclei (mahotas)",
    database=tiles.DATABASE,
    description=(
        "One field of fluorescent cell nuclei, a few of them in mitosis, cut into twenty tiles. "
        "The file is a colour image whose three channels are equal."
    ),
    homepage="https://pypi.org/project/mahotas/1.4.19/",
    licence="MIT",
    licence_page="https://pypi.org/project/mahotas/1.4.19/",
    citation="""@article{mahotas,
  author={Luis Pedro Coelho},
  title={Mahotas: Open source software for scriptable computer vision},
  journal={Journal of Open Research Software},
  volume={1},
  year={2013},
  doi={10.5334/jors.ac}
}""",
    rows="channel",
    constants={
        "cell_visible": "nucleus", "microscopy": "fluorescence", "channels": "f_nucleus",
    },
    expected_files=20,
    expected_rows=20,
    image_size=(256, 268),
    bit_depth=8,
    manual="sample_mahotas/nuclear_r0c0.png: the package holds the files.",
    read=functools.partial(
        tiles.read, pattern=r"(?:^|/)(?P<field>nuclear_(?P<site>r\dc\d))\.png$"
    ),
)  # fmt: skip
