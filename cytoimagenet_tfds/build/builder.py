"""The base of all builders that make a dataset from raw sources."""

from __future__ import annotations

import abc
import inspect
import logging
from typing import TYPE_CHECKING, Any

import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds.build import features, layout

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.procedure import Engine, Planned

_WORK = ".work"  # beside the configs; TFDS keeps its own `.config` there


class CytoBuilder(tfds.core.ShardBasedBuilder, skip_registration=True):  # type: ignore[call-arg]
    """Renders a plan and assembles the shards, in two Beam pipelines.

    TFDS' own way runs the first split again for every further one, shard after shard, and holds
    a shard in memory. So `_download_and_prepare` is overridden; a test names every private part of
    TFDS that this relies on.
    """

    # CytoImageNet assigns a class to every image; a source dataset does not.
    LABELLED = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # In a checkout the folder of a builder is not where its module's name says.
        cls.pkg_dir_path = epath.Path(inspect.getfile(cls)).parent

    @abc.abstractmethod
    def _planned(
        self, manual_dir: epath.Path, dl_manager: tfds.download.DownloadManager
    ) -> Planned:
        """Returns the plan; raises before any work where something is missing.

        Args:
          manual_dir: folder of the raw sources; it need not exist.
          dl_manager: for sources that a build may fetch by itself.
        """

    def _layout(self) -> layout.Layout:
        """Returns what an example is made of."""
        return layout.SchemaLayout()

    def _dataset_info(self, **facts: Any) -> tfds.core.DatasetInfo:
        """Returns the info with the features of the schema; `facts` as in DatasetInfo."""
        return tfds.core.DatasetInfo(
            builder=self,
            features=features.features(labelled=self.LABELLED),
            supervised_keys=("image", "label") if self.LABELLED else None,
            metadata=tfds.core.MetadataDict(),
            **facts,
        )

    def _shard_iterators_per_split(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Any]:
        """Not asked: `_download_and_prepare` writes the shards of all splits in one pipeline."""
        return {}

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig | None = None,
    ) -> None:
        """Renders, selects and assembles; writes the report beside the shards."""
        from cytoimagenet_tfds.build import procedure, report, selection

        config = download_config or tfds.download.DownloadConfig()
        self._name_leftovers()
        planned = self._planned(epath.Path(dl_manager._manual_dir), dl_manager)
        engine = self._engine(config)
        lines = procedure.render_plan(planned, engine)
        chosen = selection.select(planned.rows, lines, planned.seed, planned.rules)
        chosen = selection.first(chosen, config.max_examples_per_split)
        if chosen.classes:
            # Before anything is serialized; TFDS saves the names with the dataset.
            self.info.features["label"].names = list(chosen.classes)
        made = report.make(self.info.full_name, planned.rows, lines, chosen, planned.found)
        self._write_shards(chosen, engine, config)
        self.info.metadata.update({**planned.facts, **made.summary()})
        made.write(self.data_path)
        if not engine.options.cyto_keep_work:
            engine.work.remove()
        print(made.text())

    def _name_leftovers(self) -> None:
        """Says which folders a killed build left; they may belong to a build that still runs."""
        for folder in sorted(self.data_path.parent.glob("incomplete.*")):
            if folder != self.data_path:
                logging.getLogger(__name__).warning(
                    "%s is left from a build that was killed, or belongs to one that still runs; "
                    "remove it when none does.",
                    folder,
                )

    def _write_shards(
        self, chosen: Any, engine: Engine, config: tfds.download.DownloadConfig
    ) -> None:
        from cytoimagenet_tfds.build import procedure

        names = sorted(chosen.images["split"].unique())
        templates = {name: self._get_filename_template(split_name=name) for name in names}
        lengths, sizes = procedure.assemble_shards(
            chosen,
            engine,
            config.get_shard_config(),
            self.info.file_format.value,
            templates,
            self._layout(),
        )
        splits = [
            tfds.core.SplitInfo(
                name=name,
                shard_lengths=lengths[name],
                num_bytes=sizes[name],
                filename_template=templates[name],
            )
            for name in names
        ]
        self.info.set_splits(tfds.core.SplitDict(splits))

    def _engine(self, config: tfds.download.DownloadConfig) -> Engine:
        from cytoimagenet_tfds.build import options, procedure, work

        runner, chosen = options.runner_and_options(config)
        own = epath.Path(self.data_dir_root) / self.name / _WORK
        base = epath.Path(chosen.cyto_work_dir) / self.name if chosen.cyto_work_dir else own
        folder = base / (self.builder_config_name or "default") / str(self.version)
        return procedure.Engine(runner, chosen, work.WorkFolder(str(folder)))
