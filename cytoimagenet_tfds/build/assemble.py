"""The final shards: which examples each holds, and how one is written."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.build import chunks, example_table, layout, serialize, shards, storage
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.build.shards import ShardName
from cytoimagenet_tfds.build.work import WorkFolder

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.selection import Selection

_METADATA_BYTES = 1500  # of one serialized example, beside its image
_LINES = 256  # of a shard's table in memory
_REMOTE_READS = 16  # images fetched at a time from an object store


@dataclasses.dataclass(frozen=True)
class Assembly:
    """What the assemble pipeline writes.

    Attributes:
      digest: hash of everything that enters the shards' tables.
      shards: all shards of all splits.
    """

    digest: str
    shards: tuple[ShardName, ...]


def prepare(
    selection: Selection,
    work: WorkFolder,
    sharding: Any,
    extra: Sequence[tuple[str, str]] = (),
) -> Assembly:
    """Divides every split into shards and writes one table per shard.

    Args:
      selection: the images of the dataset.
      work: the work folder.
      sharding: TFDS' ShardConfig, which decides how many shards a split has.
      extra: further columns, see `layout.Layout`.
    """
    digest = _digest(selection)
    folder = work.shards(digest)
    folder.mkdir(parents=True, exist_ok=True)
    names: list[ShardName] = []
    first = 0
    for split, members in sorted(selection.sizes().items()):
        lengths = selection.images["length"][first : first + members]
        size = int(lengths.sum()) + _METADATA_BYTES * members
        count = min(members, sharding.get_number_shards(size, members))
        bounds = [first + round(members * number / count) for number in range(count + 1)]
        for number, (start, end) in enumerate(itertools.pairwise(bounds)):
            work_module.write_groups(
                example_table.slices(selection, start, end, extra),
                example_table.arrow_schema(extra),
                shards.table_path(work, digest, (split, number, count)),
            )
            names.append((split, number, count))
        first += members
    return Assembly(digest, tuple(names))


def _digest(selection: Selection) -> str:
    """Hash of the keys, where their images lie, and what they are called."""
    arrays = (selection.chances, selection.images, selection.numbers)
    return hashing.hex_digest(*selection.chunks, *(hashing.of_array(array) for array in arrays))


@dataclasses.dataclass(frozen=True)
class WriteShard:
    """Writes one final shard, reading its images from the chunks.

    Attributes:
      work: the work folder.
      digest: hash of the assembly.
      classes: class names in the order of their numbers; None for a dataset without labels.
      file_format: TFDS' name of the record format.
      templates: split -> TFDS' template of its file names.
      made_of: what an example is made of.
      read: returns the bytes of the image of a record, given the folder of the chunks.
    """

    work: WorkFolder
    digest: str
    classes: tuple[str, ...] | None
    file_format: str
    templates: Mapping[str, Any]
    made_of: layout.Layout = layout.SchemaLayout()  # noqa: RUF009  it has no state
    read: Callable[[epath.Path, Any], bytes] = chunks.read_image

    def __call__(self, shard: ShardName) -> tuple[ShardName, int, dict[str, int]]:
        """Returns the shard, the number of its examples, and what to count."""
        split, number, count = shard
        target = epath.Path(
            self.templates[split].sharded_filepath(shard_index=number, num_shards=count)
        )
        # The writers of most formats know no object store.
        part = work_module.spool(target) if storage.scheme(target) else target
        examples = self._write(shard, part)
        length, checksum = shards.measure(part)
        work_module.publish(part, target)
        written = shards.Shard(target.name, split, examples, length, checksum)
        shards.note(self.work, self.digest, shard, written)
        return shard, examples, {"shards": 1, "examples": examples}

    def _write(self, shard: ShardName, path: epath.Path) -> int:
        from tensorflow_datasets.core import file_adapters, writer

        described = self.made_of.features(self.classes)
        is_flat = type(self.made_of) is layout.SchemaLayout
        to_bytes = serialize.fast(described) if is_flat else serialize.general(described)
        written = 0

        def serialized() -> Iterator[tuple[str, bytes]]:
            # Counted while it is written: nothing but one example is in memory.
            nonlocal written
            for key, example in self.examples(shard):
                written += 1
                yield key, to_bytes(example)

        examples = writer.ExampleWriter(file_adapters.FileFormat.from_value(self.file_format))
        examples.write(path, serialized())
        return written

    def examples(self, shard: ShardName) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields key and example, the image as PNG bytes."""
        for records in _read(self.work, self.digest, shard):
            for record, png in zip(records, self._pngs(records), strict=True):
                yield str(record.key), self.made_of.example(record, png, self.classes)

    def _pngs(self, records: Sequence[Any]) -> Iterator[bytes]:
        folder = self.work.chunks
        if not work_module.is_remote(folder):
            yield from (self.read(folder, record) for record in records)
            return
        with futures.ThreadPoolExecutor(_REMOTE_READS) as pool:
            for start in range(0, len(records), _REMOTE_READS):
                batch = records[start : start + _REMOTE_READS]
                yield from pool.map(lambda record: self.read(folder, record), batch)


def _read(work: WorkFolder, digest: str, shard: ShardName) -> Iterator[list[Any]]:
    """Yields the lines of a shard's table, a few hundred at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = shards.table_path(work, digest, shard).read_bytes()
    with pq.ParquetFile(pa.BufferReader(data)) as file:
        for batch in file.iter_batches(_LINES):
            yield list(batch.to_pandas().itertuples(index=False))
