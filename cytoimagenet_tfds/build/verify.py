"""Reading a prepared dataset again: every byte, every image, every rule of its build."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Any, TypeVar

from etils import epath

from cytoimagenet_tfds import errors, tables
from cytoimagenet_tfds.build import dataset_check, examples_check, records, report, shards

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_SHOWN = 20  # keys kept of one problem
_BATCH = 32  # examples one thread checks at a time
_AHEAD = 4  # batches in memory per thread

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


@dataclasses.dataclass(frozen=True)
class Verification:
    """What reading a dataset again gave.

    Attributes:
      examples: split -> examples read and decoded.
      problems: problem -> the first keys or files it was found at.
    """

    examples: dict[str, int]
    problems: dict[str, list[str]]

    def text(self) -> str:
        """Returns the result for people."""
        lines = [f"{split}: {count:,} examples read" for split, count in self.examples.items()]
        for problem, keys in self.problems.items():
            more = " ..." if len(keys) == _SHOWN else ""
            lines.append(f"{problem}: {', '.join(keys)}{more}")
        return "\n".join(lines if self.problems else [*lines, "Everything fits."])


class _Problems:
    def __init__(self) -> None:
        self.found: dict[str, list[str]] = collections.defaultdict(list)

    def add(self, problem: str, keys: Iterable[str]) -> None:
        kept = self.found[problem]
        kept += itertools.islice(keys, _SHOWN - len(kept))


def verify(builder: tfds.core.DatasetBuilder, workers: int = 0) -> Verification:
    """Reads every shard, decodes every image and compares with the report of the build.

    Checked are the bytes of each shard against their checksum, the columns of each example, its
    image, bounds and label, that keys and file names are unique, class sizes against the rules of
    the build, that no group lies in two splits, and what was written of each planned row.

    Args:
      builder: a prepared dataset of this package.
      workers: threads; 0 for one per processor core.

    Raises:
      BuildError: no report lies beside the shards.
    """
    planned = _report(builder.data_path)
    problems = _Problems()
    files = _files(builder, problems)
    checker = checker_of(builder.info.features)
    count = workers or os.cpu_count() or 1
    read: list[dict[str, Any]] = []
    with futures.ThreadPoolExecutor(count) as pool:
        batches = _batches(builder, files, problems)
        for split, checked in _ahead(pool, _checked(checker), batches, count * _AHEAD):
            for identity, found in checked:
                read.append({"split": split, **identity})
                for problem in found:
                    problems.add(problem, [identity["key"]])
    examples = dict.fromkeys(sorted(builder.info.splits), 0)
    examples.update(collections.Counter(str(one["split"]) for one in read))
    for split, info in builder.info.splits.items():
        if examples[split] != info.num_examples:
            message = f"{info.num_examples:,} examples expected, {examples[split]:,} found"
            problems.add(message, [split])
    for problem, keys in dataset_check.check(read, planned, dict(builder.info.metadata or {})):
        problems.add(problem, keys)
    return Verification(examples, dict(problems.found))


def _report(folder: epath.Path) -> Any:
    path = folder / report.TABLE_NAME
    try:
        return tables.read_arrow(path).to_pandas()
    except errors.TableError as error:
        raise errors.BuildError(
            f"{path} cannot be read: the dataset was not prepared by this package, or not to its "
            f"end. {error}"
        ) from error


def checker_of(described: tfds.features.FeaturesDict) -> examples_check.Checker:
    """Returns the checker of examples with these features."""
    import numpy as np
    import tensorflow_datasets as tfds

    names = {
        name: tuple(described[name].names) if name in described else None
        for name in ("label", "category")
    }
    specs = dict(_flat(described.get_serialized_info()))
    image = described["image"]
    packed = not isinstance(image, tfds.features.Image)
    several = tuple(name for name, spec in specs.items() if spec.shape != ())
    return examples_check.Checker(
        {name: _stored_as(spec) for name, spec in specs.items()},
        image.shape[-1], names["label"], names["category"], several,
        np.dtype(image.np_dtype).name, tuple(image.shape) if packed else None,
    )  # fmt: skip


def _flat(specs: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields names and specs as a record has them: a column of several parts is `column/part`."""
    for name, spec in specs.items():
        if isinstance(spec, Mapping):
            yield from _flat(spec, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", spec


def _stored_as(spec: Any) -> str:
    import numpy as np

    if spec.np_dtype in (np.float32, np.float64):
        return "float_list"
    kind = np.dtype(spec.np_dtype).kind if spec.np_dtype not in (str, bytes) else "O"
    return "int64_list" if kind in "iub" else "bytes_list"


def _files(builder: tfds.core.DatasetBuilder, problems: _Problems) -> list[tuple[str, str]]:
    """Returns pairs of split and file of all shards; compares the files with what was written."""
    folder = builder.data_path
    expected = {
        os.path.basename(path): split
        for split, info in sorted(builder.info.splits.items())
        for path in info.filenames
    }
    suffix = f".{builder.info.file_format.file_suffix}-"
    there = {path.name for path in folder.iterdir() if suffix in path.name}
    problems_of = {
        "shard is missing": sorted(set(expected) - there),
        "shard does not belong to the dataset": sorted(there - set(expected)),
    }
    if (folder / shards.TABLE_NAME).exists():
        written = {shard.file: shard for shard in shards.read(folder)}
        problems_of["shard is not in the table of shards"] = sorted(set(expected) - set(written))
        problems_of["shard differs from what was written (length or checksum)"] = [
            name
            for name in sorted(there & set(written))
            if shards.measure(folder / name) != (written[name].bytes, written[name].crc32)
        ]
    for problem, names in problems_of.items():
        if names:
            problems.add(problem, names)
    return [(split, name) for name, split in expected.items() if name in there]


def _batches(
    builder: tfds.core.DatasetBuilder, files: Sequence[tuple[str, str]], problems: _Problems
) -> Iterator[tuple[str, list[bytes]]]:
    for split, name in files:
        stream = records.read(builder.data_path / name, builder.info.file_format.value)
        try:
            while batch := list(itertools.islice(stream, _BATCH)):
                yield split, batch
        except errors.BuildError as error:
            problems.add("shard cannot be read", [str(error)])


def _checked(
    checker: examples_check.Checker,
) -> Callable[[tuple[str, list[bytes]]], tuple[str, list[tuple[dict[str, Any], list[str]]]]]:
    return lambda batch: (batch[0], [checker(record) for record in batch[1]])


def _ahead(
    pool: futures.Executor,
    work: Callable[[_Given], _Result],
    given: Iterable[_Given],
    count: int,
) -> Iterator[_Result]:
    """Yields the results in order, with at most `count` waiting: memory stays bounded."""
    waiting: collections.deque[futures.Future[_Result]] = collections.deque()
    for one in given:
        waiting.append(pool.submit(work, one))
        if len(waiting) >= count:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
