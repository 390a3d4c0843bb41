"""COOS-7: protein and nucleus of mouse cells, one training set and four test sets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import tensorflow_datasets as tfds

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import channel_builder, copies
from cytoimagenet_tfds.builders.coos7 import content

if TYPE_CHECKING:
    from etils import epath

    from cytoimagenet_tfds.build.fields import Content

_DESCRIPTIONS = {
    "tiff": "From the TIFF tree: classes and keys are its folders and file names.",
    "hdf5": "From the five HDF5 files: classes are numbers, keys are row numbers.",
}


@dataclasses.dataclass(eq=False, kw_only=True)
class Coos7Config(copies.CopyConfig):
    """Which copy of COOS-7 to read."""

    def _described(self) -> str:
        return _DESCRIPTIONS[self.layout]


class Builder(channel_builder.ChannelBuilder):
    """Mouse cells of seven protein localizations, 64 x 64 pixels, two channels."""

    # The bare name means `tiff`; `builder_configs` offers the other by name.
    BUILDER_CONFIGS: ClassVar[list[Coos7Config]] = [Coos7Config()]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put one of these below manual_dir/coos7:\n"
        "- for coos7/tiff the tree of https://www.kaggle.com/datasets/stanleyhua/coos-7, "
        "{train,test1,test2,test3,test4}/<class>/<name>_{protein,nucleus}.tif, unpacked or as "
        "zip;\n"
        "- for coos7/hdf5 the five files COOS7_v1.1_{training,test1,test2,test3,test4}.hdf5 of the "
        "authors' Zenodo record.\n"
        'A part of the data needs --config=\'{"layout": "tiff", "allow_differences": true}\'.'
    )
    CHANNELS = content.CHANNELS
    DTYPE = "uint16"
    SHAPE = (content.SIDE, content.SIDE)
    LABEL = "Localization of the protein: folder of the TIFF tree, number in the HDF5 files."
    HOMEPAGE = "https://arxiv.org/abs/1906.07282"
    LICENCE = (
        "unknown: read the page of the copy you use, the authors' Zenodo record or "
        "https://www.kaggle.com/datasets/stanleyhua/coos-7, before publishing anything."
    )
    COLUMNS = (
        schema.Column("name", "text", "Name of its file without the channel, or its row."),
    )  # fmt: skip
    UNSURE = (
        "Names of the seven class folders, and that pixels are uint16.",
        "Name of the HDF5 file of the training set; that its first channel is the protein.",
    )

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, Coos7Config]:
        """Returns all configs that have a name of their own."""
        configs = [*cls.BUILDER_CONFIGS, Coos7Config(layout="hdf5")]
        return {config.name: config for config in configs}

    def _content(self, root: epath.Path) -> Content:
        config: Coos7Config = self.builder_config
        read: Content = content.read(
            root, config.layout, allow_differences=config.allow_differences
        )
        return read
