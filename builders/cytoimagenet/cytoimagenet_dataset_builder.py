"""CytoImageNet, rebuilt from its raw sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.build import builder, layout
from cytoimagenet_tfds.builders.cytoimagenet import configs

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.procedure import Planned

_LICENCE = (
    "The images keep the licences of their sources; the column `licence` names that of each image."
)


class Builder(builder.CytoBuilder):
    """Weakly labelled microscopy images from public datasets."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Initial release."}
    # The bare name means `full`; `builder_configs` offers the others by name.
    BUILDER_CONFIGS: ClassVar[list[configs.CytoImageNetConfig]] = [configs.FULL]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put each source dataset into its own folder below manual_dir, called as its dir_name: "
        "manual_dir/bbbc006, manual_dir/rec_rxrx1 ... `cytoimagenet sources` lists all of them, "
        "with where to get them and how the folder looks. The config `sample` needs nothing; "
        "`release` needs manual_dir/cytoimagenet, the published archive as Kaggle gives it."
    )
    LABELLED = True

    @tfds.core.utils.classproperty
    @classmethod
    def builder_configs(cls) -> dict[str, configs.CytoImageNetConfig]:
        """Returns all configs that have a name of their own."""
        return {config.name: config for config in configs.NAMED}

    def _info(self) -> tfds.core.DatasetInfo:
        metadata = self.get_metadata()
        return self._dataset_info(
            description=metadata.description,
            citation=metadata.citation,
            homepage="https://github.com/stan-hua/CytoImageNet",
            license=_LICENCE,
        )

    def _planned(
        self, manual_dir: epath.Path, dl_manager: tfds.download.DownloadManager
    ) -> Planned:
        from cytoimagenet_tfds.build import curated

        what, advice = f"{self.name}/{self.builder_config.name}", _advice(manual_dir)
        config = self.builder_config
        if config.release is not None:
            from cytoimagenet_tfds.builders.cytoimagenet.published import planning

            release: Planned = planning.plan(manual_dir, config.release, folder=self.data_path)
            return release
        if config.plan is not None:
            self._curated = curated.from_file(what, config.plan, manual_dir, advice)
        else:
            rules = config.curation
            wanted, base = self._wanted(rules.sources, manual_dir)
            self._curated = curated.from_rules(what, wanted, base, rules, advice)
        if not config.multichannel:
            return self._curated.planned
        from cytoimagenet_tfds.build import siblings

        wanted = self._wanted(sorted(self._curated.planned.roots), manual_dir)[0]
        return siblings.attach(self._curated.planned, wanted, raw=config.raw)

    def _layout(self) -> layout.Layout:
        config = self.builder_config
        if config.multichannel:
            from cytoimagenet_tfds.build import multichannel

            return multichannel.MultichannelLayout(config.raw)
        return layout.SchemaLayout(sizes_in_images=config.release is not None)

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig | None = None,
    ) -> None:
        """As every builder, and leaves the plan beside the shards."""
        super()._download_and_prepare(dl_manager, download_config)
        if self.builder_config.release is None:
            self._curated.write(self.data_path)

    def _wanted(
        self, names: Sequence[str], manual_dir: epath.Path
    ) -> tuple[Sequence[sources.Source], epath.Path]:
        """Returns the sources the config needs, and the folder that holds them."""
        if self.builder_config.is_sample:
            from cytoimagenet_tfds.builders.cytoimagenet import sample_images

            return sample_images.sources(), epath.Path(sample_images.root())
        return [sources.get(name) for name in names or sources.names()], manual_dir


def _advice(manual_dir: epath.Path) -> list[str]:
    return [
        "Without them you can build the sample, or a dataset from what is there:",
        "  tfds build cytoimagenet/sample --imports=cytoimagenet_tfds",
        f"  cytoimagenet build --available --manual_dir={manual_dir}",
    ]
