"""The `sample` config: seven small sources of real images, with their raw data.

The images come out of packages on the Python Package Index; `data/README.md` says from where, under
which licence, and how they were cut. The folder is not called `sample`: in `builders/`, TFDS would
take `tfds build cytoimagenet/sample` for a dataset in the folder of that name.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Source

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation import CurationConfig

NAMES = (
    "sample_cell",
    "sample_dsb2018",
    "sample_mahotas",
    "sample_neocortex",
    "sample_neuron",
    "sample_plankton",
    "sample_scratch",
)


def sources() -> tuple[Source, ...]:
    """Returns the sources of the sample, sorted by dir_name."""
    modules = (importlib.import_module(f"{__name__}.{name}") for name in NAMES)
    return tuple(module.SOURCE for module in modules)


def root() -> Path:
    """Returns the folder that holds the raw data: `root() / dir_name` for each source.

    TFDS datasets read files by path, so the package must be unpacked, as pip does it.
    """
    return Path(__file__).resolve().parent / "data"


def curation() -> CurationConfig:
    """Returns the rules of `full` with every threshold scaled down to some hundred images."""
    from cytoimagenet_tfds.curation import CurationConfig

    return CurationConfig(
        min_images=5,
        min_class=5,
        target=60,
        cap=60,
        crops_per_image=((24, 4), (33, 3), (60, 2)),
        validation_fraction=0.2,
    )
