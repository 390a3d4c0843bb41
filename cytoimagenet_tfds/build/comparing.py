"""What differs between two prepared datasets: classes, images, sources, pixels of shared keys."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import math
import os
import zlib
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import curation, errors, images, wording
from cytoimagenet_tfds.build import records

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_SHOWN = 10
_BATCH = 64  # records a thread takes at a time
_AHEAD = 4  # batches in memory per thread
_PART = 16_384  # rows that become a table together
_TEXTS = ("key", "split", "label", "dir_name")

_Row = tuple[str, str, str, str, int]


@dataclasses.dataclass(frozen=True)
class Difference:
    """What differs between two prepared datasets, called first and second.

    Attributes:
      names: full name of each.
      images: what an image of each is: its shape and type.
      same_numbers: False where the number of a class differs, though both have the same classes.
      examples: classes, images, labels and splits, as between two plans.
      sources: dir_name -> images of it in the first and in the second.
      shared: keys that both have.
      moved: shared keys whose source differs.
      pixels: shared keys whose pixels differ, sorted.
    """

    names: tuple[str, str]
    images: tuple[str, str]
    same_numbers: bool
    examples: curation.Comparison
    sources: dict[str, tuple[int, int]]
    shared: int
    moved: int
    pixels: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """True for the same images under the same keys, with labels, splits and sources."""
        return self.examples.equal and self.same_numbers and not self.pixels and not self.moved

    def __str__(self) -> str:
        if self.equal:
            same = (
                f"{wording.counted(self.shared, 'image')} with the same pixels, labels, splits and "
                "sources"
            )
            return f"{' and '.join(self.names)} are equal: {same}."
        first, second = self.names
        lines = [f"First: {first}. Second: {second}."]
        if self.images[0] != self.images[1]:
            lines.append(f"An image is {self.images[0]} and {self.images[1]}.")
        if self.examples.equal:
            lines.append(
                f"The same {wording.counted(self.shared, 'key')} with the same labels and splits."
            )
        else:
            lines.append(str(self.examples))
        if not self.same_numbers:
            lines.append("The number of a class is not the same in both: compare names.")
        return "\n".join([*lines, *self._of_sources(), *self._of_pixels()])

    def _of_sources(self) -> Iterator[str]:
        yield "Images by source:"
        for name, (a, b) in self.sources.items():
            more = "" if a == b else f" ({b - a:+,})"
            yield f"  {name or 'not told'}: {a:,} and {b:,}{more}"

    def _of_pixels(self) -> Iterator[str]:
        differ = len(self.pixels)
        if self.moved:
            yield f"Keys of both whose source differs: {self.moved:,}."
        yield f"Keys of both: {self.shared:,}; pixels differ under {differ:,} of them."
        yield from (f"  {key}" for key in self.pixels[:_SHOWN])
        if differ > _SHOWN:
            yield "  ..."


def compare(first: tfds.core.DatasetBuilder, second: tfds.core.DatasetBuilder) -> Difference:
    """Reads both datasets once and compares them by key.

    Raises:
      BuildError: examples have no key or a key stands twice, a shard is missing or damaged, or an
        image cannot be decoded.
    """
    builders = (first, second)
    for builder in builders:
        _check_features(builder)
    read = [_examples(builder) for builder in builders]
    shared, moved, pixels = _of_shared_keys(*read)
    counts = [frame["dir_name"].value_counts().to_dict() for frame in read]
    names = sorted({str(name) for count in counts for name in count})
    classes = [_classes(builder) for builder in builders]
    return Difference(
        names=(first.info.full_name, second.info.full_name),
        images=(_kind(first), _kind(second)),
        same_numbers=classes[0] == classes[1] or set(classes[0]) != set(classes[1]),
        examples=curation.compare(*(frame.assign(crops=0) for frame in read)),
        sources={n: (int(counts[0].get(n, 0)), int(counts[1].get(n, 0))) for n in names},
        shared=shared, moved=moved, pixels=pixels,
    )  # fmt: skip


def _of_shared_keys(first: pd.DataFrame, second: pd.DataFrame) -> tuple[int, int, tuple[str, ...]]:
    """Returns how many keys are shared, how many of another source, and those of other pixels."""
    names = ["key", "dir_name", "pixels"]
    both = first[names].merge(second[names], on="key", suffixes=("_first", "_second"))
    moved = both["dir_name_first"] != both["dir_name_second"]
    other = both.loc[both["pixels_first"] != both["pixels_second"], "key"]
    return len(both), int(moved.sum()), tuple(sorted(other))


def _check_features(builder: tfds.core.DatasetBuilder) -> None:
    missing = [name for name in ("key", "image") if name not in builder.info.features]
    if missing:
        raise errors.BuildError(
            f"{builder.info.full_name} cannot be compared: its examples have no "
            f"{' and no '.join(missing)}. They have {', '.join(sorted(builder.info.features))}."
        )


def _classes(builder: tfds.core.DatasetBuilder) -> tuple[str, ...]:
    described = builder.info.features
    return tuple(described["label"].names) if "label" in described else ()


def _kind(builder: tfds.core.DatasetBuilder) -> str:
    image = builder.info.features["image"]
    sides = ", ".join("?" if side is None else str(side) for side in image.shape)
    return f"[{sides}] {np.dtype(image.np_dtype).name}"


def _examples(builder: tfds.core.DatasetBuilder) -> pd.DataFrame:
    """Returns key, split, label, dir_name and a hash of the pixels of every example."""
    image = builder.info.features["image"]
    packed = None if hasattr(image, "encoding_format") else tuple(image.shape)
    parse = _Parser(_classes(builder), packed)
    workers = os.cpu_count() or 1
    parts: list[pd.DataFrame] = []
    rows: list[_Row] = []
    with futures.ThreadPoolExecutor(workers) as pool:
        waiting: collections.deque[futures.Future[list[_Row]]] = collections.deque()
        for split, batch in _batches(builder):
            waiting.append(pool.submit(parse.rows, batch, split))
            if len(waiting) >= workers * _AHEAD:
                rows += waiting.popleft().result()
            if len(rows) >= _PART:
                parts.append(_table(rows))
                rows = []
        for last in waiting:
            rows += last.result()
    table = pd.concat([*parts, _table(rows)], ignore_index=True)
    twice = table.loc[table["key"].duplicated(), "key"]
    if len(twice):
        raise errors.BuildError(
            f"{builder.info.full_name} cannot be compared: "
            f"{wording.counted(len(twice), 'key stands', 'keys stand')} more than once, the first "
            f"is {min(twice)}. `cytoimagenet verify` tells more."
        )
    return table


def _table(rows: list[_Row]) -> pd.DataFrame:
    """Returns a table, which takes a third of the memory of its rows."""
    names = (*_TEXTS, "pixels")
    columns = dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))
    types = dict.fromkeys(_TEXTS, "str") | {"pixels": "uint64"}
    return pd.DataFrame({name: pd.Series(columns[name], dtype=types[name]) for name in names})


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


@dataclasses.dataclass(frozen=True)
class _Parser:
    """Reads what is compared from records.

    Attributes:
      classes: names of the classes, () for a dataset without labels.
      packed: sides of an image that is a compressed tensor, None where they vary; None for PNG.
    """

    classes: tuple[str, ...]
    packed: tuple[int | None, ...] | None

    def rows(self, batch: list[bytes], split: str) -> list[_Row]:
        return [self.row(record, split) for record in batch]

    def row(self, record: bytes, split: str) -> _Row:
        from tensorflow_datasets.proto import tf_example_pb2

        stored = tf_example_pb2.Example.FromString(record).features.feature
        key, dir_name = (
            stored[name].bytes_list.value[0].decode() if name in stored else ""
            for name in ("key", "dir_name")
        )
        number = stored["label"].int64_list.value[0] if "label" in stored else -1
        label = self.classes[number] if self.classes and number >= 0 else ""
        try:
            return key, split, label, dir_name, self._pixels(stored)
        except (errors.ImageError, zlib.error) as error:
            raise errors.BuildError(f"The image {key} cannot be decoded: {error}") from error

    def _pixels(self, stored: Any) -> int:
        """Returns a hash of shape, type and values: two encodings of the same pixels are equal."""
        if self.packed is None:
            image = images.decode_png(stored["image"].bytes_list.value[0])
            shape = (*image.shape, 1)[:3]
            content, size = image.tobytes(), image.itemsize
        else:
            name = "image" if "image" in stored else "image/value"
            content = zlib.decompress(stored[name].bytes_list.value[0])
            # A tensor whose sides never vary is stored without them.
            sides = stored["image/shape"].int64_list.value if "image/shape" in stored else ()
            shape = tuple(sides) or self.packed
            size = len(content) // max(math.prod(shape), 1)
        digest = hashlib.blake2b(content + repr((shape, size)).encode(), digest_size=8)
        return int.from_bytes(digest.digest(), "little")
