"""Rows of HDF5 files, read in blocks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_BLOCK = 256  # rows read at a time


def open_file(tree: Tree, path: str) -> Any:
    """Opens an HDF5 file of a tree for reading, as `h5py.File`.

    Raises:
      ConfigError: h5py is not installed.
      SourceLayoutError: the file is damaged or is no HDF5 file.
    """
    try:
        import h5py
    except ImportError as error:
        raise errors.ConfigError(
            "Reading HDF5 needs h5py: pip install 'cytoimagenet-tfds[eval]'"
        ) from error
    local = "://" not in os.fspath(tree.root) and path not in tree.members
    try:
        return h5py.File(os.fspath(tree.root / path) if local else tree.open(path), "r")
    except OSError as error:
        raise errors.SourceLayoutError(
            f"{tree.root / path} cannot be read as HDF5: {error}. Is the download complete?"
        ) from error


def open_checked(
    tree: Tree, path: str, problem: Callable[[Any], str], report: Report
) -> Any | None:
    """As `open_file`; None, with a fatal finding, where `problem` says what is wrong with it."""
    file = open_file(tree, path)
    found = problem(file)
    if found:
        report.fatal(f"{path} {found}")
        return None
    return file


def texts(values: Any) -> list[str]:
    """Returns a column of names as text, stripped; HDF5 gives bytes or str."""
    flat = values[()].reshape(-1).tolist()
    return [(v.decode() if isinstance(v, bytes) else str(v)).strip() for v in flat]


class Rows:
    """The rows of one data set; a block stays in memory, as rows follow each other.

    Args:
      data: data set [N, ...] of an open file.
      name: how messages call it.
    """

    def __init__(self, data: Any, name: str) -> None:
        self._data, self._name = data, name
        self._start = -1
        self._block: Any = None

    def __call__(self, number: int) -> npt.NDArray[Any]:
        """Returns one row; raises ImageError where that part of the file is damaged."""
        start = number - number % _BLOCK
        if start != self._start:
            try:
                self._block, self._start = self._data[start : start + _BLOCK], start
            except OSError as error:
                self._start = -1
                message = f"{self._name}, row {number}: {error}"
                raise errors.ImageError("unreadable", message) from error
        row: npt.NDArray[Any] = self._block[number - start]
        return row
