"""Reading a prepared dataset again and comparing it with the report of its build."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import report

if TYPE_CHECKING:
    import pandas as pd
    import tensorflow_datasets as tfds

_CROP = re.compile(r"[#&]crop=\d+$")
_SHOWN = 20  # problems kept of one kind


@dataclasses.dataclass(frozen=True)
class Verification:
    """What reading a dataset again gave.

    Attributes:
      examples: split -> examples read and decoded.
      problems: problem -> how often, and the first keys.
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


def verify(builder: tfds.core.DatasetBuilder) -> Verification:
    """Reads every shard, decodes every image and compares with the report of the build.

    Args:
      builder: a prepared dataset of this package.

    Raises:
      BuildError: no report lies beside the shards.
    """
    problems: dict[str, list[str]] = collections.defaultdict(list)

    def add(problem: str, key: str) -> None:
        if len(problems[problem]) < _SHOWN:
            problems[problem].append(key)

    expected = _expected(builder)
    read: collections.Counter[tuple[str, str]] = collections.Counter()
    seen: set[str] = set()
    examples: dict[str, int] = {}
    channels = builder.info.features["image"].shape[-1]
    for split, info in builder.info.splits.items():
        examples[split] = 0
        for example in _examples(builder, split):
            key = _text(example["key"])
            examples[split] += 1
            read[split, _CROP.sub("", key)] += 1
            if key in seen:
                add("key stands more than once", key)
            seen.add(key)
            problem = _image_problem(example, channels)
            if problem:
                add(problem, key)
        if examples[split] != info.num_examples:
            add(f"{info.num_examples:,} examples expected, {examples[split]:,} found", split)
    for identity in sorted(set(read) | set(expected)):
        if read[identity] != expected.get(identity, 0):
            add("images read and images written differ", identity[1])
    return Verification(examples, dict(problems))


def _expected(builder: tfds.core.DatasetBuilder) -> dict[tuple[str, str], int]:
    """Returns (split, key of the row) -> images written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = builder.data_path / report.TABLE_NAME
    if not path.exists():
        raise errors.BuildError(
            f"There is no {path}: the dataset was not prepared by this package, or not to its end."
        )
    rows: pd.DataFrame = pq.read_table(pa.BufferReader(path.read_bytes())).to_pandas()
    rows = rows[rows["written"] > 0]
    triples = zip(rows["split"], rows["key"], rows["written"], strict=True)
    return {(split, key): int(count) for split, key, count in triples}


def _examples(builder: tfds.core.DatasetBuilder, split: str) -> Iterator[dict[str, Any]]:
    """Yields the examples with the image as PNG bytes, whatever the record format."""
    import tensorflow_datasets as tfds

    skip = {"image": tfds.decode.SkipDecoding()}
    if builder.info.file_format.value == "array_record":
        yield from builder.as_data_source(split=split, decoders=skip)
        return
    dataset = builder.as_dataset(split=split, decoders=skip)
    yield from tfds.as_numpy(dataset)


def _image_problem(example: dict[str, Any], channels: int) -> str:
    from cytoimagenet_tfds import images

    try:
        image = images.decode_png(example["image"])
    except errors.ImageError as error:
        return f"image cannot be decoded ({error.reason})"
    found = image.shape[2] if image.ndim == 3 else 1
    if found != channels or image.dtype.name != "uint8":
        return (
            f"image is {image.dtype} of shape {image.shape}, expected [H, W] uint8 with "
            f"{channels} channels"
        )
    return ""


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
