"""Reading a prepared dataset again: every byte, every image, every rule of its build."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import errors, tables, wording
from cytoimagenet_tfds.build import dataset_check, examples_check, progress, report, reread, shards

if TYPE_CHECKING:
    import pyarrow as pa
    import tensorflow_datasets as tfds


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
        lines = [
            f"{split}: {wording.counted(count, 'example')} read"
            for split, count in self.examples.items()
        ]
        for problem, keys in self.problems.items():
            more = " ..." if len(keys) == reread.SHOWN else ""
            lines.append(f"{problem}: {', '.join(keys)}{more}")
        return "\n".join(lines if self.problems else [*lines, "Everything fits."])


def verify(
    builder: tfds.core.DatasetBuilder, workers: int = 0, *, show_progress: bool = False
) -> Verification:
    """Reads every shard, decodes every image and compares with the report of the build.

    Checked are the bytes of each shard against their checksum, the columns of each example, its
    image, bounds and label, that keys and file names are unique, class sizes against the rules of
    the build, that no group lies in two splits, and what was written of each planned row.

    Args:
      builder: a prepared dataset of this package.
      workers: threads; 0 for one per processor core.
      show_progress: True for a progress bar over the shards.

    Raises:
      BuildError: no report lies beside the shards.
    """
    import pyarrow.compute as pc

    info, problems = builder.info, reread.Problems()
    planned = _report(builder.data_path)
    files = _files(builder, problems)
    read = reread.read(
        progress.each(files, "Verifying", "shard") if show_progress else files,
        info.file_format.value, checker_of(info.features),
        workers or os.cpu_count() or 1, problems,
    )  # fmt: skip
    counted = {row["values"]: row["counts"] for row in pc.value_counts(read["split"]).to_pylist()}
    examples = {split: counted.get(split, 0) for split in sorted(info.splits)}
    for split, count in examples.items():
        expected = info.splits[split].num_examples
        if count != expected:
            problems.add(f"{expected:,} examples expected, {count:,} found", [split])
    for problem, keys in dataset_check.check(read, planned, dict(info.metadata or {})):
        problems.add(problem, keys)
    return Verification(examples, problems.found)


def _report(folder: epath.Path) -> pa.Table:
    path = folder / report.TABLE_NAME
    try:
        return dataset_check.of_report(tables.read_arrow(path))
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


def _files(builder: tfds.core.DatasetBuilder, problems: reread.Problems) -> list[reread.File]:
    """Returns all shards that are there; compares the files with what was written."""
    folder = builder.data_path
    expected = {
        os.path.basename(path): split
        for split, info in sorted(builder.info.splits.items())
        for path in info.filenames
    }
    suffix = f".{builder.info.file_format.file_suffix}-"
    there = {path.name for path in folder.iterdir() if suffix in path.name}
    problems.add("shard is missing", sorted(set(expected) - there))
    problems.add("shard does not belong to the dataset", sorted(there - set(expected)))
    written: dict[str, shards.Shard] = {}
    if (folder / shards.TABLE_NAME).exists():
        written = {shard.file: shard for shard in shards.read(folder)}
        unknown = sorted(set(expected) - set(written))
        problems.add("shard is not in the table of shards", unknown)
    return [
        reread.File(split, folder / name, written.get(name))
        for name, split in expected.items()
        if name in there
    ]
