"""How many channels, focal planes and time points a DeltaVision or TIFF file has.

Only headers are read. DeltaVision: 1024 bytes, `MRC` layout of Applied Precision; sections follow
each other as the header's sequence says.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import tifffile

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.tree import Tree

Order = Literal["ztc", "czt", "zct"]  # the first changes fastest

_HEADER = 1024
_MAGIC = -16224
_ORDERS: tuple[Order, ...] = ("ztc", "czt", "zct")


@dataclasses.dataclass(frozen=True)
class Layout:
    """The planes of one file.

    Attributes:
      channels: number of channels.
      depth: number of focal planes.
      times: number of time points.
      order: how planes follow each other.
    """

    channels: int
    depth: int = 1
    times: int = 1
    order: Order = "czt"

    def plane(self, channel: int, z: int = 0, t: int = 0) -> int:
        """Returns the 0-based place in the file of one plane."""
        sizes = {"c": self.channels, "z": self.depth, "t": self.times}
        index = {"c": channel, "z": z, "t": t}
        place, step = 0, 1
        for axis in self.order:
            place += index[axis] * step
            step *= sizes[axis]
        return place

    def middle(self) -> tuple[int, ...]:
        """Returns, for each channel, its plane in the middle of the depth at the first time."""
        return tuple(self.plane(channel, self.depth // 2) for channel in range(self.channels))


def spread(files: pd.DataFrame, planes: Sequence[Sequence[tuple[str, int]]]) -> pd.DataFrame:
    """Makes a line for each plane of each file.

    Args:
      files: one line per file.
      planes: for each file its channels, each with its plane in the file.

    Returns:
      The lines with `channel` and `plane`, those of one file together.
    """
    lines = files.loc[np.repeat(files.index.to_numpy(), [len(pairs) for pairs in planes])]
    flat = [pair for pairs in planes for pair in pairs]
    return lines.assign(
        channel=[channel for channel, _ in flat], plane=[plane for _, plane in flat]
    ).reset_index(drop=True)


def layout(tree: Tree, path: str) -> Layout | None:
    """Returns the layout of a `.dv` or TIFF file; None where its header cannot be read."""
    if path.lower().endswith(".dv"):
        with tree.open(path) as file:
            return deltavision(file.read(_HEADER))
    try:
        with tree.open(path) as file, tifffile.TiffFile(file) as tiff:
            return _tiff(tiff)
    except (tifffile.TiffFileError, struct.error, ValueError):
        return None


def deltavision(header: bytes) -> Layout | None:
    """Returns the layout of a DeltaVision file from its first 1024 bytes, None for other bytes."""
    if len(header) < _HEADER:
        return None
    for endian in "<>":
        if struct.unpack_from(f"{endian}h", header, 96)[0] == _MAGIC:
            sections = struct.unpack_from(f"{endian}i", header, 8)[0]
            times, sequence = struct.unpack_from(f"{endian}2H", header, 180)
            channels = struct.unpack_from(f"{endian}H", header, 196)[0]
            times, channels = max(times, 1), max(channels, 1)
            if sequence >= len(_ORDERS) or sections < 1 or sections % (times * channels):
                return None
            return Layout(channels, sections // (times * channels), times, _ORDERS[sequence])
    return None


def _tiff(tiff: tifffile.TiffFile) -> Layout:
    """ImageJ states its axes; pages of other files are taken for channels of one plane."""
    stated = tiff.imagej_metadata
    if stated is not None:
        return Layout(stated.get("channels", 1), stated.get("slices", 1), stated.get("frames", 1))
    return Layout(len(tiff.pages))
