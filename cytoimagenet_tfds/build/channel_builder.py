"""The base of the builders of benchmarks: channels kept apart, pixels as they are."""

from __future__ import annotations

import abc
import inspect
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from etils import epath

from cytoimagenet_tfds import errors, schema
from cytoimagenet_tfds.build import features, leftovers, shards, writing

if TYPE_CHECKING:
    # For types only: it reads pixels, and registering a builder must not cost their libraries.
    from cytoimagenet_tfds.build.fields import Content, Field

_KEY = schema.Column("key", "text", "Identity of the image, the same in every build.")
_FILES = schema.Column(
    "files", "text", "Source files, one per channel in order, relative to the dataset's folder."
)


class ChannelBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # type: ignore[call-arg]
    """Writes every field of a benchmark as [H, W, C], without loss.

    A field that cannot be read is left out and counted with its reason in the report, which lies
    beside the data.

    Attributes:
      CHANNELS: names of the channels, in order.
      DTYPE: type of the pixels.
      SHAPE: height and width, None where they vary.
      LABEL: what the class of an example is.
      COLUMNS: further columns of an example.
      HOMEPAGE: page of the dataset.
      LICENCE: its licence, or where to ask for it.
      UNSURE: facts that no real file has confirmed; shown when reading fails.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "Initial release."}

    CHANNELS: ClassVar[tuple[str, ...]]
    DTYPE: ClassVar[str]
    SHAPE: ClassVar[tuple[int, int] | tuple[None, None]]
    LABEL: ClassVar[str]
    COLUMNS: ClassVar[tuple[schema.Column, ...]]
    HOMEPAGE: ClassVar[str]
    LICENCE: ClassVar[str]
    UNSURE: ClassVar[tuple[str, ...]] = ()

    _told = ""  # text of the report

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # In a checkout the folder of a builder is not where its module's name says.
        cls.pkg_dir_path = epath.Path(inspect.getfile(cls)).parent

    @abc.abstractmethod
    def _content(self, root: epath.Path) -> Content:
        """Reads tables and names below the dataset's folder, no pixels."""

    def _classes(self) -> tuple[str, ...] | None:
        """Returns the class names, None where only the raw folder tells them."""
        return None

    def _info(self) -> tfds.core.DatasetInfo:
        metadata = self.get_metadata()
        return tfds.core.DatasetInfo(
            builder=self,
            description=metadata.description,
            citation=metadata.citation,
            features=self._features(),
            supervised_keys=("image", "label"),
            homepage=self.HOMEPAGE,
            license=self.LICENCE,
            metadata=tfds.core.MetadataDict(),
        )

    def _features(self) -> tfds.features.FeaturesDict:
        doc = f"[H, W, C] {self.DTYPE}, pixels as stored; channels: {', '.join(self.CHANNELS)}."
        shape, dtype = (*self.SHAPE, len(self.CHANNELS)), np.dtype(self.DTYPE)
        image = tfds.features.Tensor(shape=shape, dtype=dtype, encoding="zlib", doc=doc)
        label = schema.Column("label", "class", self.LABEL)
        columns = (_KEY, *self.COLUMNS, _FILES)
        return tfds.features.FeaturesDict({
            "image": image,
            "label": features.feature(label, self._classes()),
            **{column.name: features.feature(column) for column in columns},
        })  # fmt: skip

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[str, dict[str, Any]]]]:
        self._read = self._checked_content(self._raw_folder(dl_manager))
        if self._classes() is None:
            self.info.features["label"].names = list(self._read.classes)
        self._written: set[str] = set()
        self._rejected: dict[str, errors.ImageError] = {}
        by_split: dict[str, list[Field]] = {}
        for field in self._read.fields:
            by_split.setdefault(field.split, []).append(field)
        return {split: self._generate_examples(by_split[split]) for split in sorted(by_split)}

    def _generate_examples(self, fields: Sequence[Field]) -> Iterator[tuple[str, dict[str, Any]]]:
        before = len(self._written)
        for field in fields:
            try:
                image = field.read()
            except errors.ImageError as error:
                self._rejected[field.key] = error
                continue
            self._written.add(field.key)
            # -1 is TFDS' number for no class.
            label: str | int = field.label or -1
            yield field.key, {"image": image, "label": label, "key": field.key, **field.columns}
        if len(self._written) == before:
            first = self._rejected[fields[0].key]
            raise errors.BuildError(
                f"{self.info.full_name}: none of the {len(fields):,} images of the split "
                f"{fields[0].split} can be used. The first: {fields[0].key}: {first}"
            )

    def _raw_folder(self, dl_manager: tfds.download.DownloadManager) -> epath.Path:
        try:
            base = dl_manager.manual_dir
        except AssertionError:  # it is not there, or is empty: said in our own words
            base = dl_manager._manual_dir
        return epath.Path(base) / self.name

    def _checked_content(self, root: epath.Path) -> Content:
        if not root.is_dir():
            raise errors.MissingSourcesError(
                f"{self.info.full_name} needs its raw files in {root}, and there is no such "
                f"folder. Nothing was built.\n{self.MANUAL_DOWNLOAD_INSTRUCTIONS}"
            )
        content = self._content(root)
        if not content.fields and not content.report.fatals:
            content.report.fatal("No image is left of those that lie there.")
        if content.report.fatals:
            raise errors.SourceLayoutError(self._layout_message(root, content))
        return content

    def _layout_message(self, root: epath.Path, content: Content) -> str:
        lines = [f"{self.info.full_name} cannot be read from {root}:"]
        lines += [f"- {message}" for message in content.report.fatals]
        lines += [f"- {finding}" for finding in content.report.findings]
        lines += ["How the folder should look:", self.MANUAL_DOWNLOAD_INSTRUCTIONS]
        if self.UNSURE:
            lines.append("Never confirmed on a real file, so perhaps the reader is wrong here:")
            lines += [f"- {fact}" for fact in self.UNSURE]
        return "\n".join(lines)

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig,
    ) -> None:
        """As TFDS does it; then writes the report beside the shards."""
        writing.mend_parquet()
        leftovers.claim(self.data_path)
        leftovers.clean(self.data_path)
        super()._download_and_prepare(dl_manager, download_config)
        if download_config.max_examples_per_split == 0:
            return
        made = self._report(self._raw_folder(dl_manager))
        self.info.metadata.update({"channels": list(self.CHANNELS), **made.summary()})
        made.write(self.data_path)
        shards.write(self._shards(), self.data_path)
        self._told = made.text()

    def _post_download_and_prepare_hook(self) -> None:
        """Tells of the build once the dataset has its name: nothing that fails may end it now."""
        leftovers.release(self.data_path)
        if self._told:
            print(errors.printable(self._told, sys.stdout.encoding))

    def _shards(self) -> list[shards.Shard]:
        """Measures the shards that TFDS wrote, so that `verify` finds any changed byte."""
        found: list[shards.Shard] = []
        for name, split in sorted(self.info.splits.items()):
            for path, count in zip(split.filepaths, split.shard_lengths, strict=True):
                found.append(shards.Shard(path.name, name, count, *shards.measure(path)))
        return found

    def _report(self, root: epath.Path) -> Any:
        from cytoimagenet_tfds.build import gather, outcome, report

        read, rejected = self._read, self._rejected
        names = ("key", "split", "label")
        facts = {name: [getattr(field, name) for field in read.fields] for name in names}
        written = [key in self._written for key in facts["key"]]
        rows = outcome.of_fields(facts, written, rejected)
        findings = tuple(map(str, read.report.findings))
        found = gather.Found(
            self.name, str(root), len(read.fields) + sum(read.excluded.values()),
            dict(read.excluded), findings,
        )  # fmt: skip
        splits = {name: split.num_examples for name, split in sorted(self.info.splits.items())}
        classes = self.info.features["label"].num_classes
        return report.BuildReport(self.info.full_name, rows, (found,), splits, classes, {})
