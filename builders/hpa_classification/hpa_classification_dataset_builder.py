"""Human Protein Atlas image classification: 28 labels, four channels kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds.build import builder
from cytoimagenet_tfds.builders.hpa_classification import configs, layout
from cytoimagenet_tfds.sources.kaggle import kag_hpa

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.build.procedure import Planned

_PNG_SIDE = 512


class Builder(builder.CytoBuilder):
    """Where in the cell a protein is: several of 28 structures for an image of four stains."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Initial release."}
    # The bare name means `png`; `builder_configs` offers the others by name.
    BUILDER_CONFIGS: ClassVar[list[configs.HpaConfig]] = [configs.ALL["png"]]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"{kag_hpa.SOURCE.manual} All of it lies below manual_dir. For images of release 18 of the "
        "atlas (configs ending in _external) also: manual_dir/hpa_v18/HPAv18RBGY_wodpl.csv and "
        "manual_dir/hpa_v18/images/<Id>_<colour>.jpg. With manual_dir/kag_hpa_single/train.csv, "
        "the table of 2021, images that are in both competitions are marked."
    )

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, configs.HpaConfig]:
        """Returns all configs that have a name of their own."""
        named: dict[str, configs.HpaConfig] = configs.ALL
        return named

    def _layout(self) -> layout.HpaLayout:
        return layout.HpaLayout()

    def _info(self) -> tfds.core.DatasetInfo:
        metadata = self.get_metadata()
        source = kag_hpa.SOURCE
        return tfds.core.DatasetInfo(
            builder=self,
            description=metadata.description,
            features=self._layout().features(None),
            supervised_keys=("image", "multi_hot"),
            homepage=source.homepage,
            citation=f"{source.citation}\n\n{metadata.citation}",
            license=f"No licence was found. {source.licence_page}",
            metadata=tfds.core.MetadataDict(),
        )

    def _planned(
        self, manual_dir: epath.Path, dl_manager: tfds.download.DownloadManager
    ) -> Planned:
        from cytoimagenet_tfds.build import gather, procedure
        from cytoimagenet_tfds.builders.hpa_classification import fields, ids, pixels, planning

        rules = self.builder_config.rules
        wanted = [fields.competition(rules)]
        if rules.external:
            wanted.append(fields.release_18(rules))
        name = f"{self.name}/{self.builder_config.name}"
        gathered = gather.gather(name, [source for source, _ in wanted], manual_dir)
        shared = ids.of_2021(manual_dir)
        readers = [reader for _, reader in wanted]
        self._plan: pd.DataFrame = planning.plan(
            gathered.rows, readers, gathered.roots, shared, rules
        )
        return procedure.Planned(
            rows=self._plan,
            roots=gathered.roots,
            found=gathered.found,
            seed=rules.seed,
            rules=None,
            facts={"rules": rules.to_dict(), "knows_2021": shared is not None},
            standardize=pixels.Stack(_PNG_SIDE if rules.size == "png" else 0),
        )

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig | None = None,
    ) -> None:
        """Builds, then publishes the ids beside the shards."""
        from cytoimagenet_tfds.builders.hpa_classification import ids

        super()._download_and_prepare(dl_manager, download_config)
        ids.write(self._plan, self.data_path)
