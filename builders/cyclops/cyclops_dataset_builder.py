"""CYCLoPs: GFP and RFP of yeast cells of 17 protein localizations."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, ClassVar

import tensorflow_datasets as tfds

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import channel_builder, copies
from cytoimagenet_tfds.builders.cyclops import content

if TYPE_CHECKING:
    from etils import epath

    from cytoimagenet_tfds.build.fields import Content

_LAYOUTS: dict[copies.Layout, str] = {
    "tiff": "from the TIFF tree, one split",
    "hdf5": "from the three HDF5 files, with their splits",
}


@dataclasses.dataclass(eq=False, kw_only=True)
class CyclopsConfig(copies.CopyConfig):
    """Which copy and which classes of CYCLoPs.

    Attributes:
      merge_spindle: SPINDLE and SPINDLEPOLE are one class, as in the published evaluation.
      keep_dead_and_ghost: DEAD and GHOST are classes too.
    """

    merge_spindle: bool = False
    keep_dead_and_ghost: bool = False

    def _choices(self) -> str:
        merged = "_merged_spindle" if self.merge_spindle else ""
        return merged + ("_with_dead_and_ghost" if self.keep_dead_and_ghost else "")

    def _described(self) -> str:
        return f"{len(self.labels.names)} classes, {_LAYOUTS[self.layout]}."

    @property
    def labels(self) -> content.Labels:
        """Which classes are kept, and how they are called."""
        return content.Labels(self.merge_spindle, self.keep_dead_and_ghost)


class Builder(channel_builder.ChannelBuilder):
    """Yeast cells by the localization of a GFP-tagged protein, 64 x 64 pixels, two channels."""

    # The bare name means `tiff`; `builder_configs` offers the others by name.
    BUILDER_CONFIGS: ClassVar[list[CyclopsConfig]] = [CyclopsConfig()]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put one of these below manual_dir/cyclops:\n"
        "- for cyclops/tiff the tree of "
        "https://www.kaggle.com/datasets/stanleyhua/cyclops-protein-loc, "
        "<CLASS>/<CLASS>_<number>_{gfp,rfp}.tif, unpacked or as zip;\n"
        "- for cyclops/hdf5 the files Chong_{train,valid,test}_set.hdf5 of "
        "http://spidey.ccbr.utoronto.ca/~okraus/DeepLoc_full_datasets.zip, unpacked.\n"
        'A part of the data needs --config=\'{"layout": "tiff", "allow_differences": true}\'.'
    )
    CHANNELS = content.CHANNELS
    DTYPE = "float32"
    SHAPE = (content.SIDE, content.SIDE)
    LABEL = "Localization of the protein; SPINDLE for SPINDLEPOLE too where these are merged."
    HOMEPAGE = "https://www.kaggle.com/datasets/stanleyhua/cyclops-protein-loc"
    LICENCE = (
        "unknown: none is stated with the data. Read the page "
        "https://www.kaggle.com/datasets/stanleyhua/cyclops-protein-loc, or ask the authors of "
        "https://github.com/okraus/DeepLoc, before publishing anything."
    )
    COLUMNS = (
        schema.Column("localization", "text", "Class as the source names it, before any merging."),
        schema.Column("name", "text", "Name of its file without the channel, or its row."),
    )  # fmt: skip
    UNSURE = (
        "Type of data1 in the HDF5 files, and which of Index1_columns and label_names they have.",
        "How many cells are DEAD or GHOST.",
    )

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, CyclopsConfig]:
        """Returns all configs that have a name of their own."""
        default = {config.name: config for config in cls.BUILDER_CONFIGS}
        values = itertools.product(_LAYOUTS, (False, True), (False, True))
        configs = [
            CyclopsConfig(layout=layout, merge_spindle=merge, keep_dead_and_ghost=keep)
            for layout, merge, keep in values
        ]  # fmt: skip
        return {config.name: config for config in configs} | default

    def _classes(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.builder_config.labels.names
        return names

    def _content(self, root: epath.Path) -> Content:
        config: CyclopsConfig = self.builder_config
        read: Content = content.read(
            root, config.layout, config.labels, allow_differences=config.allow_differences
        )
        return read
