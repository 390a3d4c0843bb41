"""BBBC021: three channels, mechanism of action, all metadata of the plates."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar, get_args

import tensorflow_datasets as tfds

from cytoimagenet_tfds import errors, hashing, schema
from cytoimagenet_tfds.build import channel_builder
from cytoimagenet_tfds.builders.bbbc021 import content, tables

if TYPE_CHECKING:
    from etils import epath

    from cytoimagenet_tfds.build.fields import Content

_DESCRIPTIONS = {
    "annotated": "632 wells: those of known mechanism and DMSO, without the taxol control wells.",
    "with_taxol_controls": "962 wells: as `annotated`, with the 330 taxol control wells.",
    "all_wells": "All 3,300 wells; those without known mechanism have no class (-1).",
}


@dataclasses.dataclass(eq=False, kw_only=True)
class Bbbc021Config(tfds.core.BuilderConfig):
    """Which wells of BBBC021; the name follows from the values.

    Attributes:
      wells: `annotated`, `with_taxol_controls` or `all_wells`.
      plates: plates to read, all 55 when empty.
    """

    name: str = ""
    description: str | None = None
    wells: content.Wells = "annotated"
    plates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Checks the values and makes the name."""
        problems = errors.Problems()
        if self.wells not in get_args(content.Wells):
            known = get_args(content.Wells)
            problems.add(errors.unknown_name("choice of wells", self.wells, known))
        self.plates = tuple(plate for plate in tables.PLATES if plate in set(self.plates))
        self.name = self.wells
        if self.plates:
            self.name += f"-{hashing.hex_digest(*self.plates, length=8)}"
        problems.raise_if_any(errors.ConfigError, "The config of bbbc021 is not valid:")
        self.description = self.description or _DESCRIPTIONS[self.wells]


class Builder(channel_builder.ChannelBuilder):
    """MCF-7 cells treated with compounds: DAPI, tubulin and actin, one example per site."""

    # The bare name means `annotated`; `builder_configs` offers the others by name.
    BUILDER_CONFIGS: ClassVar[list[Bbbc021Config]] = [Bbbc021Config()]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put these files of https://data.broadinstitute.org/bbbc/BBBC021/ into "
        "manual_dir/bbbc021:\n"
        f"- {tables.IMAGE_TABLE}, {tables.MOA_TABLE}\n"
        f"- for structures {tables.COMPOUND_TABLE}\n"
        "- the 55 archives BBBC021_v1_images_<plate>.zip (about 41 GB), as they are or unpacked, "
        "so that each plate has a folder called as the plate (Week1_22123)."
    )
    CHANNELS = tuple(tables.CHANNELS)
    DTYPE = "uint16"
    SHAPE = (None, None)
    LABEL = "Mechanism of action of the treatment, DMSO for the negative control, -1 where unknown."
    HOMEPAGE = "https://bbbc.broadinstitute.org/BBBC021"
    LICENCE = (
        "unknown: read the page https://bbbc.broadinstitute.org/BBBC021 before publishing "
        "anything. The copy in the Cell Painting Gallery (cpg0010-caie-drugresponse) is CC0-1.0."
    )
    COLUMNS = (
        schema.Column("moa", "text", "Mechanism of action, DMSO for the control, '' if unknown."),
        schema.Column("compound", "text", "Compound as the table has it, DMSO for the control."),
        schema.Column("concentration", "float", "Concentration, micromolar; 0 for DMSO."),
        schema.Column("smiles", "text", "Structure of the compound, '' where it is unknown."),
        schema.Column("control", "text", "negative (DMSO), positive (taxol wells) or ''."),
        schema.Column("plate", "text", "Plate (Week1_22123)."),
        schema.Column("week", "text", "Week of the experiment: the batch (Week1)."),
        schema.Column("well", "text", "Well (B02 to G11)."),
        schema.Column("site", "text", "Site in the well, 1 to 4."),
        schema.Column("replicate", "int", "Replicate of the plate, 1 to 3."),
    )  # fmt: skip
    UNSURE = (f"The columns of {tables.COMPOUND_TABLE}.",)

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, Bbbc021Config]:
        """Returns all configs that have a name of their own."""
        configs = [*cls.BUILDER_CONFIGS, *(Bbbc021Config(wells=w) for w in _DESCRIPTIONS)]
        return {config.name: config for config in reversed(configs)}

    def _classes(self) -> tuple[str, ...]:
        names: tuple[str, ...] = tables.MECHANISMS
        return names

    def _content(self, root: epath.Path) -> Content:
        config: Bbbc021Config = self.builder_config
        plates = config.plates or tables.PLATES
        read: Content = content.read(root, config.wells, plates)
        return read
