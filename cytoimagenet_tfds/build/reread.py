"""Reading shards again: the bytes of each against their checksum, then example after example.

A shard is summed directly before its records are read, so that the disk is asked once and a shard
in an object store is copied once. One thread reads, others check.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import examples_check, identities, records, shards

if TYPE_CHECKING:
    import pyarrow as pa

DIFFERS = "shard differs from what was written (length or checksum)"
SHOWN = 20  # keys kept of one problem
_BATCH = 32  # examples one thread checks at a time
_AHEAD = 4  # batches in memory per thread

_Batch = tuple[str, list[bytes]]  # split, and records of it
_Checked = tuple[str, list[examples_check.Checked]]
_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


class File(NamedTuple):
    """A shard that is there.

    Attributes:
      split: its split.
      path: where it lies.
      written: what was written; None where nobody noted it.
    """

    split: str
    path: epath.Path
    written: shards.Shard | None


class Problems:
    """Problem -> the first keys or files it was found at."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, problem: str, where: Iterable[str]) -> None:
        """Adds where a problem was found; nothing for nowhere."""
        for one in where:
            kept = self.found.setdefault(problem, [])
            if len(kept) == SHOWN:
                return
            kept.append(one)


def read(
    files: Iterable[File],
    file_format: str,
    checker: Callable[[bytes], examples_check.Checked],
    workers: int,
    problems: Problems,
) -> pa.Table:
    """Reads and checks every example of some shards.

    Args:
      files: the shards, read one after the other.
      file_format: TFDS' name of the record format.
      checker: gives identity and problems of a record, as `examples_check.Checker`.
      workers: threads that check; one is this thread.
      problems: takes what is wrong.

    Returns:
      A table as `identities.Identities` gives it.
    """
    found = identities.Identities()
    batches = _batches(files, file_format, problems)
    for split, examples in _each(_checked(checker), batches, workers):
        found.add(split, (identity for identity, _ in examples))
        for identity, wrong in examples:
            for problem in wrong:
                problems.add(problem, [identity.key])
    return found.table()


def _batches(files: Iterable[File], file_format: str, problems: Problems) -> Iterator[_Batch]:
    for file in files:
        with records.local(file.path) as local:
            if file.written is not None:
                same = shards.measure(local) == (file.written.bytes, file.written.crc32)
                problems.add(DIFFERS, [] if same else [file.path.name])
            stream = records.read(local, file_format)
            try:
                while batch := list(itertools.islice(stream, _BATCH)):
                    yield file.split, batch
            except errors.BuildError as error:
                problems.add("shard cannot be read", [str(error)])


def _checked(checker: Callable[[bytes], examples_check.Checked]) -> Callable[[_Batch], _Checked]:
    return lambda batch: (batch[0], [checker(record) for record in batch[1]])


def _each(
    work: Callable[[_Given], _Result], given: Iterable[_Given], workers: int
) -> Iterator[_Result]:
    """Yields the results in order, with a few waiting per worker: memory stays bounded."""
    if workers == 1:
        yield from map(work, given)
        return
    waiting: collections.deque[futures.Future[_Result]] = collections.deque()
    with futures.ThreadPoolExecutor(workers) as pool:
        for one in given:
            waiting.append(pool.submit(work, one))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
