"""What differs between two prepared datasets: classes, images, sources, pixels of shared keys."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
import zlib
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from etils import epath

from cytoimagenet_tfds import curation, errors, images
from cytoimagenet_tfds.build import records

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_SHOWN = 10
_BATCH = 64  # records a thread takes at a time
_AHEAD = 4  # batches in memory per thread


@dataclasses.dataclass(frozen=True)
class Difference:
    """What differs between two prepared datasets, called first and second.

    Attributes:
      names: full name of each.
      examples: classes, images, labels and splits, as between two plans.
      sources: dir_name -> images of it in the first and in the second.
      shared: keys that both have.
      pixels: shared keys whose pixels differ, sorted.
    """

    names: tuple[str, str]
    examples: curation.Comparison
    sources: dict[str, tuple[int, int]]
    shared: int
    pixels: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """True where both hold the same images under the same keys, labels and splits."""
        return self.examples.equal and not self.pixels

    def __str__(self) -> str:
        if self.equal:
            same = f"{self.shared:,} images with the same pixels, labels and splits"
            return f"{' and '.join(self.names)} are equal: {same}."
        first, second = self.names
        lines = [f"First: {first}. Second: {second}."]
        if self.examples.equal:
            lines.append(f"The same {self.shared:,} keys with the same labels and splits.")
        else:
            lines.append(str(self.examples))
        lines.append("Images by source:")
        lines += [f"  {name}: {a:,} and {b:,}{'' if a == b else f' ({b - a:+,})'}"
                  for name, (a, b) in self.sources.items()]  # fmt: skip
        differ = len(self.pixels)
        lines.append(f"Keys of both: {self.shared:,}; pixels differ under {differ:,} of them.")
        lines += [f"  {key}" for key in self.pixels[:_SHOWN]]
        return "\n".join([*lines, "  ..."] if differ > _SHOWN else lines)


def compare(first: tfds.core.DatasetBuilder, second: tfds.core.DatasetBuilder) -> Difference:
    """Reads both datasets once and compares them by key.

    Raises:
      BuildError: a shard is missing or damaged, or an image cannot be decoded.
    """
    read = [_examples(builder) for builder in (first, second)]
    tables = [frame.assign(crops=0) for frame in read]
    both = read[0].merge(read[1], on="key", suffixes=("_first", "_second"))
    other = both.loc[both["pixels_first"] != both["pixels_second"], "key"]
    counts = [frame["dir_name"].value_counts().to_dict() for frame in read]
    names = sorted({str(name) for count in counts for name in count})
    return Difference(
        names=(first.info.full_name, second.info.full_name),
        examples=curation.compare(*tables),
        sources={n: (int(counts[0].get(n, 0)), int(counts[1].get(n, 0))) for n in names},
        shared=len(both),
        pixels=tuple(sorted(other)),
    )


def load(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    """Returns a prepared dataset, by its name or by the folder of its version.

    Raises:
      BuildError: there is none.
    """
    import tensorflow_datasets as tfds

    if (epath.Path(name) / "dataset_info.json").exists():
        return tfds.builder_from_directory(name)
    where = data_dir or "the default folder of TFDS"
    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except (ValueError, tfds.core.DatasetNotFoundError) as error:
        raise errors.BuildError(f"{name} cannot be read from {where}: {error}") from error
    if not builder.is_prepared():
        raise errors.BuildError(f"{name} is not prepared in {where}.")
    return builder


def _examples(builder: tfds.core.DatasetBuilder) -> pd.DataFrame:
    """Returns key, split, label, dir_name and a hash of the pixels of every example."""
    names = builder.info.features["label"].names if "label" in builder.info.features else None
    workers = os.cpu_count() or 1
    rows: list[tuple[str, ...]] = []
    with futures.ThreadPoolExecutor(workers) as pool:
        waiting: list[futures.Future[list[tuple[str, ...]]]] = []
        for split, batch in _batches(builder):
            waiting.append(pool.submit(_parse_all, batch, split, names))
            if len(waiting) >= workers * _AHEAD:
                rows += waiting.pop(0).result()
        for last in waiting:
            rows += last.result()
    columns = ["key", "split", "label", "dir_name", "pixels"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _batches(builder: tfds.core.DatasetBuilder) -> Iterator[tuple[str, list[bytes]]]:
    for split, info in sorted(builder.info.splits.items()):
        for path in info.filenames:
            batch: list[bytes] = []
            shard = builder.data_path / Path(path).name
            for record in records.read(shard, builder.info.file_format.value):
                batch.append(record)
                if len(batch) == _BATCH:
                    yield split, batch
                    batch = []
            yield split, batch


def _parse_all(batch: list[bytes], split: str, names: list[str] | None) -> list[tuple[str, ...]]:
    return [_parse(record, split, names) for record in batch]


def _parse(record: bytes, split: str, names: list[str] | None) -> tuple[str, ...]:
    from tensorflow_datasets.proto import tf_example_pb2

    stored = tf_example_pb2.Example.FromString(record).features.feature
    key, dir_name = (
        stored[name].bytes_list.value[0].decode() if name in stored else ""
        for name in ("key", "dir_name")
    )
    number = stored["label"].int64_list.value[0] if "label" in stored else -1
    label = names[number] if names and number >= 0 else ""
    try:
        return key, split, label, dir_name, _pixels(stored)
    except (errors.ImageError, zlib.error) as error:
        raise errors.BuildError(f"The image {key} cannot be decoded: {error}") from error


def _pixels(stored: Any) -> str:
    """Returns a hash of shape, type and values: two ways of encoding the same pixels are equal."""
    if "image" in stored:
        image = images.decode_png(stored["image"].bytes_list.value[0])
        shape = (*image.shape, 1)[:3]
        content, size = image.tobytes(), image.itemsize
    else:
        shape = tuple(stored["image/shape"].int64_list.value)
        content = zlib.decompress(stored["image/value"].bytes_list.value[0])
        size = len(content) // max(math.prod(shape), 1)
    return hashlib.blake2b(content + repr((shape, size)).encode(), digest_size=16).hexdigest()
