"""The final shards: which examples each holds, and how one is written."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.build import (
    chunks,
    example_table,
    layout,
    plan_table,
    scratch,
    shards,
    writing,
)
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.build.shards import ShardName
from cytoimagenet_tfds.build.work import WorkFolder

if TYPE_CHECKING:
    import pyarrow as pa

    from cytoimagenet_tfds.build.selection import Selection

_METADATA_BYTES = 1500  # of one serialized example, beside its image
_LINES = 1024  # of a shard's table in memory
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
    shards.forget(work, digest)
    names: list[ShardName] = []
    first = 0
    for split, members in sorted(selection.sizes().items()):
        size = _size(selection, first, first + members) + _METADATA_BYTES * members
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


def _size(selection: Selection, start: int, end: int) -> int:
    """Returns the bytes of some images."""
    slices = plan_table.slices(end - start)
    parts = (selection.images[start + first : start + last] for first, last in slices)
    return sum(int(part["length"].sum()) for part in parts)


def _digest(selection: Selection) -> str:
    """Hash of the keys, where their images lie, and what they are called."""
    arrays = (selection.chances, selection.images, selection.numbers)
    found = (hashing.of_arrays(scratch.pieces(array)) for array in arrays)
    return hashing.hex_digest(*selection.chunks, *found)


@dataclasses.dataclass(frozen=True)
class WriteShard:
    """Writes one final shard, reading its images from the chunks.

    An image that was not read before may turn out to be of no use: then it is noted, and no further
    shard is written.

    Attributes:
      work: the work folder.
      digest: hash of the assembly.
      classes: class names in the order of their numbers; None for a dataset without labels.
      file_format: TFDS' name of the record format.
      templates: split -> TFDS' template of its file names.
      made_of: what an example is made of.
      read: opens the images, given the folder of the chunks.
    """

    work: WorkFolder
    digest: str
    classes: tuple[str, ...] | None
    file_format: str
    templates: Mapping[str, Any]
    made_of: layout.Layout = layout.SchemaLayout()  # noqa: RUF009  it has no state
    read: chunks.Open = chunks.Images

    def __call__(self, shard: ShardName) -> tuple[ShardName, int, dict[str, int]]:
        """Returns the shard, the number of its examples, and what to count."""
        if shards.is_refused(self.work, self.digest):
            return shard, 0, {}
        target = self.target(shard)
        # Under a name of its own: an engine may let two workers write one shard. And the writers
        # of most formats know no object store.
        part = work_module.spool(target)
        try:
            with self.read(self.work.chunks) as read:
                examples, length, checksum = self._write(shard, part, read)
                notes = read.notes()
            # A worker that was taken for lost may come so late that others are at it anew.
            if shards.is_refused(self.work, self.digest):
                return shard, 0, {}
            work_module.publish(part, target)
        except errors.ImageError as error:
            shards.refuse(self.work, self.digest, error)
            return shard, 0, {}
        finally:
            part.unlink(missing_ok=True)
        written = shards.Shard(target.name, shard[0], examples, length, checksum)
        shards.note(self.work, self.digest, shard, written, notes)
        return shard, examples, {"shards": 1, "examples": examples}

    def target(self, shard: ShardName) -> epath.Path:
        """Returns the path of a shard."""
        split, number, count = shard
        template = self.templates[split]
        return epath.Path(template.sharded_filepath(shard_index=number, num_shards=count))

    def _write(self, shard: ShardName, path: epath.Path, read: chunks.Read) -> tuple[int, int, int]:
        """Returns the number of examples, and length and CRC-32 of the file."""
        written = 0

        def counted() -> Iterator[tuple[str, bytes]]:
            # Counted while it is written: nothing but one example is in memory.
            nonlocal written
            for example in self.examples(shard, read):
                written += 1
                yield example

        length, checksum = writing.write(path, counted(), self.file_format)
        return written, length, checksum

    def examples(self, shard: ShardName, read: chunks.Read) -> Iterator[tuple[str, bytes]]:
        """Yields key and bytes of each example."""
        serialize = self.made_of.serializer(self.classes)
        for batch in _batches(self.work, self.digest, shard):
            columns = [batch.column(name).to_pylist() for name in chunks.Place._fields]
            places = list(map(chunks.Place._make, zip(*columns, strict=True)))
            finishing = zip(places, serialize(batch), self._images(read, places), strict=True)
            for place, finish, image in finishing:
                read.took(place, image)
                yield place.key, finish(image)

    def _images(self, read: chunks.Read, places: Sequence[chunks.Place]) -> Iterator[bytes]:
        if not work_module.is_remote(self.work.chunks):
            yield from map(read, places)
            return
        with futures.ThreadPoolExecutor(_REMOTE_READS) as pool:
            for start in range(0, len(places), _REMOTE_READS):
                yield from pool.map(read, places[start : start + _REMOTE_READS])


def _batches(work: WorkFolder, digest: str, shard: ShardName) -> Iterator[pa.RecordBatch]:
    """Yields the lines of a shard's table, some hundreds at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = shards.table_path(work, digest, shard).read_bytes()
    with pq.ParquetFile(pa.BufferReader(data)) as file:
        yield from file.iter_batches(_LINES)
