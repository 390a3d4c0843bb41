"""The builders of the source databases: one config per dataset, every image, no classes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.build import builder, layout

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.build.procedure import Planned

_SPLIT = "train"


@dataclasses.dataclass(eq=False)
class SourceConfig(tfds.core.BuilderConfig):
    """One source dataset.

    Its name is the `dir_name` of the source, followed by `-multichannel` where the channels of a
    field are kept apart, and by `-raw` where the pixels are those of the source.

    Attributes:
      dir_name: short name of the source.
      multichannel: True for one example per field, with its channels kept apart.
      raw: True for pixels as the source has them.
    """

    dir_name: str = ""
    multichannel: bool = False
    raw: bool = False


def configs(database: str) -> list[SourceConfig]:
    """Returns one config per dataset of a database, sorted by name."""
    return [
        SourceConfig(name=name, description=sources.get(name).description, dir_name=name)
        for name in sources.names(database)
    ]


def variants(database: str) -> list[SourceConfig]:
    """Returns the configs of a database that keep channels apart: two per dataset."""
    pixels = {False: "each stretched on its own", True: "pixels as the source has them"}
    return [
        SourceConfig(
            name=f"{config.name}-multichannel{'-raw' if raw else ''}",
            description=f"{config.description} Channels of a field kept apart, {text}.",
            dir_name=config.dir_name,
            multichannel=True,
            raw=raw,
        )
        for config in configs(database)
        for raw, text in pixels.items()
    ]


def manual_instructions(database: str) -> str:
    """Returns which folder to put where, for every dataset of a database."""
    lines = ["Put each dataset into its own folder below manual_dir; only the one that is built"]
    lines.append("has to be there. The folder is called as the config:")
    for name in sources.names(database):
        source = sources.get(name)
        lines.append(f"- {name}: {source.homepage} {' '.join(source.manual.split())}".rstrip())
    return "\n".join(lines)


class SourceBuilder(builder.CytoBuilder, skip_registration=True):
    """Every image of one source dataset, standardized, whole, with its metadata."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Initial release."}

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, SourceConfig]:
        """Returns all configs; without a name only `BUILDER_CONFIGS` are built."""
        return {config.name: config for config in (*cls.BUILDER_CONFIGS, *variants(cls.name))}

    @property
    def source(self) -> sources.Source:
        """The declaration of the dataset."""
        return sources.get(self.builder_config.dir_name)

    def _info(self) -> tfds.core.DatasetInfo:
        source = self.source
        metadata = self.get_metadata()
        licence = source.licence if source.licence != "unknown" else "No licence was found."
        return self._dataset_info(
            description=f"{source.name}. {source.description}\n\n{metadata.description}",
            citation=f"{source.citation}\n\n{metadata.citation}",
            homepage=source.homepage,
            license=f"{licence} {source.licence_page}".strip(),
        )

    def _planned(
        self, manual_dir: epath.Path, dl_manager: tfds.download.DownloadManager
    ) -> Planned:
        from cytoimagenet_tfds.build import gather, obtain, plan_table, procedure

        name = f"{self.name}/{self.builder_config.name}"
        base = obtain.base_folder(self.source, manual_dir, dl_manager)
        apart = self.builder_config.multichannel
        gathered = gather.gather(
            name, [self.source], base, _advice(self.source, manual_dir), "field" if apart else None
        )
        planned = procedure.Planned(
            rows=plan_table.compact(_plan(gathered.rows)),
            roots=gathered.roots,
            found=gathered.found,
            seed=0,
            rules=None,
            facts={},
        )
        if not apart:
            return planned
        from cytoimagenet_tfds.build import siblings

        return siblings.attach(planned, [self.source], raw=self.builder_config.raw, by_field=True)

    def _layout(self) -> layout.Layout:
        config = self.builder_config
        if config.multichannel:
            from cytoimagenet_tfds.build import multichannel

            return multichannel.MultichannelLayout(config.raw)
        return super()._layout()


def _advice(source: sources.Source, manual_dir: epath.Path) -> list[str]:
    from cytoimagenet_tfds.fetch import run

    return ["Next:", f"  {run.how_to_get(source, manual_dir)}"]


def _plan(rows: pd.DataFrame) -> pd.DataFrame:
    """Plans every row that is not excluded: no class, no crop, one split.

    Labels are written in the words of the vocabulary, the same in every source dataset.
    """
    from cytoimagenet_tfds import curation

    plan = curation.standardize(rows[rows["excluded"] == ""].reset_index(drop=True))
    return plan.assign(label="", category="", folder="", split=_SPLIT, crops=0).astype(
        {"label": "str", "category": "str", "folder": "str", "split": "str", "crops": "int32"}
    )
