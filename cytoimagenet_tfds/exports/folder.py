"""A selection of a dataset as a folder in the format of another tool."""

from __future__ import annotations

import collections
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.card import tally
from cytoimagenet_tfds.exports import fiftyone, huggingface, licence_list

if TYPE_CHECKING:
    from cytoimagenet_tfds.exports.selection import Selection
    from cytoimagenet_tfds.prepared import Example, Prepared


class Format(Protocol):
    """Writes the examples of a selection, one by one."""

    def add(self, split: str, number: int, example: Example) -> None:
        """Writes an example; `number` counts those of its split from 0."""

    def close(self) -> None:
        """Writes what is left to write."""


FORMATS: Mapping[str, Callable[[Path, Prepared], Format]] = {
    "fiftyone": fiftyone.Format, "huggingface": huggingface.Format,
}  # fmt: skip


def write(
    dataset: Prepared, selection: Selection, to: str, out: str | os.PathLike[str]
) -> dict[str, int]:
    """Writes a selection in a format, with its `LICENSES`; the folder appears when it is whole.

    Args:
      dataset: the dataset.
      selection: which of its examples.
      to: name of the format, one of `FORMATS`.
      out: the folder to make.

    Returns:
      Split -> images written.

    Raises:
      ConfigError: unknown format, the folder exists, or the selection does not fit or is empty.
    """
    if to not in FORMATS:
        raise errors.ConfigError(errors.unknown_name("export format", to, FORMATS))
    target = Path(out).expanduser()
    if target.exists():
        raise errors.ConfigError(f"{target} exists: an export makes a new folder.")
    selection.check(dataset)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    counts = _fill(dataset, selection, to, part)
    if not counts:
        shutil.rmtree(part, ignore_errors=True)
        raise errors.ConfigError(f"No image of {dataset.name} fits the selection.")
    part.rename(target)
    return dict(sorted(counts.items()))


def _fill(dataset: Prepared, selection: Selection, to: str, root: Path) -> dict[str, int]:
    root.mkdir(parents=True)
    writer = FORMATS[to](root, dataset)
    counts: collections.Counter[str] = collections.Counter()
    images = tally.Tally()
    for split, example in selection.examples(dataset):
        writer.add(split, counts[split], example)
        images.add(split, example.values, example.size)
        counts[split] += 1
    writer.close()
    (root / "LICENSES").write_text(licence_list.text(dataset.name, images), encoding="utf-8")
    return counts
