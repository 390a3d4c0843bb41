"""What was written into each final shard, so that any changed byte of it can be found."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import checksums, errors
from cytoimagenet_tfds.build import work as work_module

if TYPE_CHECKING:
    from cytoimagenet_tfds.build.work import WorkFolder

TABLE_NAME = "build_shards.parquet"
_NOTE = ".json"  # ending of a note
_REFUSED = "refused" + _NOTE
_BLOCK = 1 << 20  # bytes read at once; memory of more is cleared anew every time

ShardName = tuple[str, int, int]  # split, number of the shard, shards of the split


@dataclasses.dataclass(frozen=True)
class Shard:
    """One final shard.

    Attributes:
      file: name of the file.
      split: its split.
      examples: number of its examples.
      bytes: its length.
      crc32: CRC-32 of the whole file.
    """

    file: str
    split: str
    examples: int
    bytes: int
    crc32: int


def table_path(work: WorkFolder, digest: str, shard: ShardName) -> epath.Path:
    """Returns the path of the table of a shard's examples in the work folder."""
    return work.shards(digest) / f"{_name(shard)}.parquet"


def _note_path(work: WorkFolder, digest: str, shard: ShardName) -> epath.Path:
    return work.shards(digest) / (_name(shard) + _NOTE)


def _name(shard: ShardName) -> str:
    split, number, count = shard
    return f"{split}-{number:05d}-of-{count:05d}"


def measure(path: epath.Path) -> tuple[int, int]:
    """Returns length and CRC-32 of a file."""
    length = checksum = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            length += len(block)
            checksum = checksums.crc32(block, checksum)
    return length, checksum


def note(
    work: WorkFolder, digest: str, name: ShardName, written: Shard, notes: Mapping[str, Any]
) -> None:
    """Leaves a note of a shard beside its table, for the process that launched the workers.

    Args:
      work: the work folder.
      digest: hash of the assembly.
      name: the shard.
      written: what was written.
      notes: what else is to be known of it, JSON types.
    """
    found = {"shard": dataclasses.asdict(written), "notes": notes}
    _leave(_note_path(work, digest, name), found)


def refuse(work: WorkFolder, digest: str, error: errors.ImageError) -> None:
    """Leaves a note that an image cannot be used, after which no shard is worth writing."""
    _leave(work.shards(digest) / _REFUSED, {"reason": error.reason, "message": str(error)})


def is_refused(work: WorkFolder, digest: str) -> bool:
    """True once an image was found that cannot be used."""
    return bool((work.shards(digest) / _REFUSED).exists())


def _leave(target: epath.Path, found: Mapping[str, Any]) -> None:
    part = work_module.temporary(target)
    part.write_text(json.dumps(found))
    work_module.publish(part, target)


def forget(work: WorkFolder, digest: str) -> None:
    """Removes the notes of an earlier build, whose shards are gone."""
    for name in work_module.names(work.shards(digest)):
        if name.endswith(_NOTE):
            (work.shards(digest) / name).unlink(missing_ok=True)


def notes(names: Sequence[ShardName]) -> list[str]:
    """Returns the names of the notes of shards."""
    return [_name(name) + _NOTE for name in names]


def collect(work: WorkFolder, digest: str, names: Sequence[ShardName]) -> tuple[Shard, ...]:
    """Reads all notes.

    Raises:
      ImageError: an image cannot be used.
      BuildError: shards were not written; it names them.
    """
    if is_refused(work, digest):
        raise errors.ImageError(**json.loads((work.shards(digest) / _REFUSED).read_text()))
    found: list[Shard] = []
    problems = errors.Problems()
    for name in names:
        path = _note_path(work, digest, name)
        try:
            found.append(Shard(**json.loads(path.read_text())["shard"]))
        except FileNotFoundError:
            problems.add(f"{name[0]}, shard {name[1]} of {name[2]}, was not written.")
    problems.raise_if_any(
        errors.BuildError,
        "The engine ended before all shards were written: was its scheduler, or were its workers, "
        "lost? Start the same build again, with any engine: rendered chunks are kept.",
    )
    return tuple(found)


def noted(work: WorkFolder, digest: str, names: Sequence[ShardName]) -> Iterator[dict[str, Any]]:
    """Yields what else is to be known of each shard; all of them were written."""
    for name in names:
        yield json.loads(_note_path(work, digest, name).read_text())["notes"]


def write(found: Sequence[Shard], folder: epath.Path) -> None:
    """Writes the table of all shards beside them."""
    import pyarrow as pa

    rows = [dataclasses.asdict(shard) for shard in found]
    work_module.write_table(pa.Table.from_pylist(rows), folder / TABLE_NAME)


def read(folder: epath.Path) -> tuple[Shard, ...]:
    """Reads the table of all shards; raises BuildError where it is not there or damaged."""
    from cytoimagenet_tfds import tables

    try:
        rows = tables.read_arrow(folder / TABLE_NAME).to_pylist()
        return tuple(Shard(**row) for row in rows)
    except (errors.TableError, TypeError) as error:
        raise errors.BuildError(
            f"{folder}: the dataset was not prepared by this package, or not to its end: {error}"
        ) from error
