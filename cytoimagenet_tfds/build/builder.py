"""The base of all builders that make a dataset from raw sources."""

from __future__ import annotations

import abc
import functools
import inspect
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds import errors, paths
from cytoimagenet_tfds.build import layout, leftovers, memory, quiet, storage

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.procedure import Engine, Planned
    from cytoimagenet_tfds.build.shards import Shard

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

    def __init__(self, *, data_dir: epath.PathLike | None = None, **options: Any) -> None:
        # Workers write there, too, and stand elsewhere.
        super().__init__(data_dir=paths.absolute(data_dir) if data_dir else None, **options)
        self._to_finish: Callable[[], None] | None = None

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
        """Returns the info with the features of the layout; `facts` as in DatasetInfo."""
        return tfds.core.DatasetInfo(
            builder=self,
            features=self._layout().features(() if self.LABELLED else None),
            supervised_keys=("image", "label") if self.LABELLED else None,
            metadata=tfds.core.MetadataDict(),
            **facts,
        )

    def _shard_iterators_per_split(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Any]:
        """Not asked: `_download_and_prepare` writes the shards of all splits in one pipeline."""
        return {}

    def download_and_prepare(self, **options: Any) -> None:
        """As TFDS does it; the half of a dataset that a killed build left is not taken for one."""
        leftovers.remove_half(self.data_path)
        super().download_and_prepare(**options)

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig | None = None,
    ) -> None:
        """Renders, selects and assembles; writes the report beside the shards."""
        config = download_config or tfds.download.DownloadConfig()
        leftovers.claim(self.data_path)
        leftovers.clean(self.data_path)
        engine = self._engine(config)
        manual_dir = epath.Path(paths.absolute(dl_manager._manual_dir))
        planned = self._planned(manual_dir, dl_manager)
        self._check_reach(planned, engine)
        self._check_differences(planned.differences, engine)
        leftovers.hold(engine.work.path)
        try:
            with memory.settled():
                text = self._made_as_announced(planned, engine, config)
        except BaseException:
            leftovers.let_go(engine.work.path)
            raise
        self._to_finish = functools.partial(_finish, engine, text)

    def _post_download_and_prepare_hook(self) -> None:
        """Tidies up and tells of the build: not before the dataset has its name.

        Until then a kill must leave the work folder, and nothing that fails may end the build.
        """
        leftovers.release(self.data_path)
        if self._to_finish is not None:
            self._to_finish()
            self._to_finish = None

    def _made_as_announced(
        self, planned: Planned, engine: Engine, config: tfds.download.DownloadConfig
    ) -> str:
        """As `_made`; images that are announced are read once, unless one is not as announced."""
        from cytoimagenet_tfds.build import work

        if not len(planned.rows):
            raise errors.BuildError("The plan is empty: no row of the sources fits the rules.")
        work.sweep_spooled()
        announced = planned.announced if config.max_examples_per_split is None else None
        # Chunks are of an earlier run that had to check all images.
        if announced is not None and not work.names(engine.work.chunks):
            try:
                return self._made(announced, engine, config)
            except errors.ImageError as error:
                logging.getLogger(__name__).warning(
                    "%s So every image is checked before any is chosen.", errors.visible(str(error))
                )
        return self._made(planned, engine, config)

    def _made(self, planned: Planned, engine: Engine, config: tfds.download.DownloadConfig) -> str:
        """Makes the dataset of a plan; returns the text of its report."""
        from cytoimagenet_tfds.build import (
            making,
            plan_table,
            procedure,
            report,
            selection,
            shards,
            work,
        )

        made_by = making.Making(engine.name, plan_table.digest(planned.rows))
        if planned.images is not None:
            rendered = planned.images()
        else:
            with made_by.stage("render"):
                rendered = procedure.render_plan(planned, engine)
        if planned.select is not None:
            chosen = planned.select(rendered)
        else:
            chosen = selection.select(planned.rows, rendered, planned.seed, planned.rules)
        self._check_differences(chosen.differences, engine)
        chosen = selection.first(chosen, config.max_examples_per_split)
        with made_by.stage("assemble"):
            written = self._write_shards(chosen, engine, config, planned)
        if chosen.classes:
            self.info.features["label"].names = list(chosen.classes)  # saved with the dataset
        work.remove_unfinished(self.data_path)
        made = report.make(self.info.full_name, planned, rendered, chosen, made_by)
        self.info.metadata.update({**planned.facts, **_rules(planned, config), **made.summary()})
        if planned.select is not None:
            self.info.metadata["differences"] = [*planned.differences, *chosen.differences]
        made.write(self.data_path)
        shards.write(written, self.data_path)
        return made.text()

    def _check_differences(self, differences: Sequence[str], engine: Engine) -> None:
        """Stops where a published dataset is not as published, unless that is allowed."""
        if not differences:
            return
        lines = [f"- {errors.visible(difference)}" for difference in differences]
        if engine.options.cyto_allow_differences:
            what = f"{self.info.full_name} is not as published; it is built all the same:"
            logging.getLogger(__name__).warning("%s", "\n".join([what, *lines]))
            return
        raise errors.BuildError("\n".join([
            f"{self.info.full_name} is not as published. Nothing was written.", *lines,
            "To build it all the same: cytoimagenet build --allow_differences, or tfds build "
            "--beam_pipeline_options=cyto_allow_differences. What differs is then recorded in the "
            "metadata.",
        ]))  # fmt: skip

    def _check_reach(self, planned: Planned, engine: Engine) -> None:
        """Refuses folders that workers must not or cannot use, before any work."""
        folders = [(f"The folder of {name}", root) for name, root in sorted(planned.roots.items())]
        folders += [("The work folder", engine.work.root), ("data_dir", str(self.data_path))]
        storage.check(folders, engine.remote)
        storage.check_clients(folders)
        storage.check_apart(engine.work.root, self.data_path.parent / str(self.version))
        storage.check_writable("The work folder", engine.work.root)

    def _write_shards(
        self,
        chosen: Any,
        engine: Engine,
        config: tfds.download.DownloadConfig,
        planned: Planned,
    ) -> tuple[Shard, ...]:
        from cytoimagenet_tfds.build import procedure

        names = sorted(chosen.sizes())
        templates = {name: self._get_filename_template(split_name=name) for name in names}
        written = procedure.assemble_shards(
            chosen,
            engine,
            config.get_shard_config(),
            self.info.file_format.value,
            templates,
            self._layout(),
            planned,
        )
        splits = [
            tfds.core.SplitInfo(
                name=name,
                shard_lengths=[shard.examples for shard in written if shard.split == name],
                num_bytes=sum(shard.bytes for shard in written if shard.split == name),
                filename_template=templates[name],
            )
            for name in names
        ]
        self.info.set_splits(tfds.core.SplitDict(splits))
        return written

    def _engine(self, config: tfds.download.DownloadConfig) -> Engine:
        quiet.hush()
        from cytoimagenet_tfds.build import options, procedure, work

        runner, chosen = options.runner_and_options(config)
        options.check_scheduler(chosen)
        own = epath.Path(self.data_dir_root) / self.name / _WORK
        given = chosen.cyto_work_dir
        base = epath.Path(paths.absolute(given)) / self.name if given else own
        folder = base / (self.builder_config_name or "default") / str(self.version)
        remote = options.remote_runner(runner, chosen)
        name = options.runner_name(runner, chosen)
        return procedure.Engine(runner, chosen, work.WorkFolder(str(folder)), name, remote)


def _finish(engine: Engine, text: str) -> None:
    """Removes the work folder, unless it is to be kept, and prints the report."""
    leftovers.let_go(engine.work.path)
    if not engine.options.cyto_keep_work:
        engine.work.remove()
    print(errors.printable(text, sys.stdout.encoding))


def _rules(planned: Planned, config: tfds.download.DownloadConfig) -> dict[str, Any]:
    """Returns what `verify` checks the classes by; a build of a few examples has no minimum."""
    if planned.rules is None:
        return {}
    minimum = planned.rules.min_class if config.max_examples_per_split is None else 1
    return {"class_rules": {"cap": planned.rules.cap, "min_class": minimum}}
