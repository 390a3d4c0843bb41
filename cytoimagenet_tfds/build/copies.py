"""Benchmarks that are published as a tree of TIFF files and as HDF5 files."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

import tensorflow_datasets as tfds

from cytoimagenet_tfds import errors

Layout = Literal["tiff", "hdf5"]


@dataclasses.dataclass(eq=False, kw_only=True)
class CopyConfig(tfds.core.BuilderConfig):
    """Which copy of a benchmark to read; the name follows from the values.

    Attributes:
      layout: `tiff` or `hdf5`.
      allow_differences: True for trials with a part of the data.
    """

    name: str = ""
    description: str | None = None
    layout: Layout = "tiff"
    allow_differences: bool = False

    def __post_init__(self) -> None:
        """Checks the values; makes name and description."""
        if self.layout not in get_args(Layout):
            raise errors.ConfigError(errors.unknown_name("layout", self.layout, get_args(Layout)))
        self.name = self.layout + self._choices() + ("-trial" if self.allow_differences else "")
        self.description = self.description or self._described()

    def _choices(self) -> str:
        """Returns what further values add to the name."""
        return ""

    def _described(self) -> str:
        """Returns the description for people."""
        return {"tiff": "From the tree of TIFF files.", "hdf5": "From the HDF5 files."}[self.layout]
