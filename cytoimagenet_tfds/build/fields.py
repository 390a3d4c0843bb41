"""Fields of view with their channels kept apart: what the builders of benchmarks read."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, files, images, wording
from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.sources.report import Report

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.tree import Tree

Array = npt.NDArray[Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One field of view, or one cell, of a benchmark.

    Attributes:
      key: identity, unique in the dataset, free of local paths.
      split: split it belongs to.
      label: class, '' where it has none.
      columns: further values of the example.
      read: returns the channels, [H, W, C]; raises ImageError where they cannot be used.
    """

    key: str
    split: str
    label: str
    columns: Mapping[str, Any]
    read: Callable[[], Array]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Content:
    """What the raw folder of a benchmark holds.

    Attributes:
      fields: every field, sorted by key.
      classes: class names in the order of their numbers.
      report: what was expected and not found; with a fatal finding nothing else counts.
      excluded: reason -> fields that are left out.
    """

    fields: tuple[Field, ...] = ()
    classes: tuple[str, ...] = ()
    report: Report
    excluded: Mapping[str, int] = dataclasses.field(default_factory=dict)


def reader(
    tree: Tree, paths: Mapping[str, str], dtype: npt.DTypeLike, shape: tuple[int, int] | None = None
) -> Callable[[], Array]:
    """Returns what reads the channels of a field from one file each.

    Args:
      tree: the raw folder.
      paths: channel -> path in the tree, '' where there is no file.
      dtype: type of the result; pixels must fit without loss.
      shape: height and width a channel must have, None for any.
    """
    return functools.partial(_read, tree, paths, np.dtype(dtype), shape)


def _read(
    tree: Tree, paths: Mapping[str, str], dtype: np.dtype[Any], shape: tuple[int, int] | None
) -> Array:
    missing = [channel for channel, path in paths.items() if not path]
    if missing:
        raise errors.ImageError("missing channel", f"No file for the channel {', '.join(missing)}.")
    root = str(tree.root)
    planes = [images.decode(files.read_bytes(root, reference(tree, path)), name=path)
              for path in paths.values()]  # fmt: skip
    return stack(planes, dtype, shape)


def reference(tree: Tree, path: str) -> files.FileRef:
    """Returns the reference of a file of a tree, which may be a member of an archive."""
    if path in tree.members:
        inner, span = tree.members[path]
        return files.FileRef(inner, span=span)
    return files.FileRef(path)


def references(tree: Tree, paths: Mapping[str, str]) -> str:
    """Returns the column `files`: one reference per channel, those that are there."""
    return files.join(reference(tree, path) for path in paths.values() if path)


def stack(
    planes: Sequence[Array], dtype: npt.DTypeLike, shape: tuple[int, int] | None = None
) -> Array:
    """Returns the planes as channels, [H, W, C].

    Raises:
      ImageError: a plane is in colour, of another size than the others or than `shape`, of a type
        whose values `dtype` cannot hold, or holds NaN or infinity.
    """
    sizes = {plane.shape for plane in planes}
    wanted = {shape} if shape else sizes
    if len(sizes) > 1 or sizes != wanted or any(plane.ndim != 2 for plane in planes):
        found = ", ".join(" x ".join(map(str, plane.shape)) for plane in planes)
        size = f"{shape[0]} x {shape[1]}" if shape else "of one size"
        raise errors.ImageError(
            "shape mismatch", f"Channels must be grey and {size}, found {found}."
        )
    return np.stack([_without_loss(plane, np.dtype(dtype)) for plane in planes], axis=-1)


def _without_loss(plane: Array, dtype: np.dtype[Any]) -> Array:
    if not np.can_cast(plane.dtype, dtype, "safe"):
        raise errors.ImageError(
            "other type", f"Pixels are {plane.dtype}, which does not fit into {dtype}."
        )
    convert.check_finite(plane)
    return plane.astype(dtype, copy=False)


def pair(found: pd.DataFrame, channels: Sequence[str], report: Report) -> pd.DataFrame:
    """Brings the channels of each field together by their key, whatever the order of the files.

    Args:
      found: one line per file: `key`, `channel` (lower case), `path` and further columns, which
        are those of the field's first file.
      channels: the channels of a field.
      report: gets second copies of a channel (the first in sorted order counts).

    Returns:
      One line per key, sorted, with a column per channel: its path, '' where there is no file.
    """
    found = found.sort_values(["key", "channel", "path"])
    again = found.duplicated(["key", "channel"])
    if again.any():
        report.note(
            "copy",
            f"{wording.counted(int(again.sum()), 'second copy', 'second copies')} of a channel "
            "left out.",
            found.loc[again, "path"].tolist(),
        )  # fmt: skip
        found = found[~again]
    paths = found.pivot(index="key", columns="channel", values="path")
    paths = paths.reindex(columns=list(channels)).fillna("").astype("str")
    facts = found.drop(columns=["channel", "path"]).drop_duplicates("key").set_index("key")
    return facts.join(paths).reset_index()
