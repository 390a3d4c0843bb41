"""Synthetic fields of view as files: blurred spots and camera noise, another image every time."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
import tifffile
from PIL import Image

from cytoimagenet_tfds import schema

_SPOTS = 0.002  # share of pixels where a spot begins
_DTYPES = {"int": "int32", "float": "float32", "bool": "bool"}


@dataclasses.dataclass(frozen=True)
class FieldFormat:
    """How the channels of a field lie on the disk.

    Attributes:
      suffix: `.tif` (uint16, not compressed) or `.png` (uint8, written by Pillow, which chooses
        the filter of each row, as most writers do: the PNG files of the sources mix filters).
      side: pixels on each side.
      channels: files per field.
      crops: crops wanted per field.
    """

    suffix: str
    side: int
    channels: int
    crops: int

    def __str__(self) -> str:
        bits = 16 if self.suffix == ".tif" else 8
        size = f"{self.side} x {self.side}, {bits} bit {self.suffix[1:].upper()}"
        return f"{size}, {self.channels} channels, {self.crops} crops"


def write(root: Path, kind: FieldFormat, count: int, distinct: int = 0) -> pd.DataFrame:
    """Writes fields below `root` and returns their plan; one image per channel, shifted.

    Args:
      root: folder to write into.
      kind: what to write.
      count: rows of the plan.
      distinct: fields to write, which the rows then share; 0 for one of each row.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    base = [_image(rng, kind) for _ in range(kind.channels)]
    names = []
    for number in range(distinct or count):
        channels = [
            f"f{number // 1000:03d}/{number:06d}_{n}{kind.suffix}" for n in range(len(base))
        ]
        names.append("|".join(channels))
        for name, image in zip(channels, base, strict=True):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shifted = np.roll(image, (37 * number, 17 * number), (0, 1))
            if kind.suffix == ".tif":
                tifffile.imwrite(path, shifted)
            else:
                Image.fromarray(shifted).save(path)
    return _plan([names[number % len(names)] for number in range(count)], kind.crops)


def _image(rng: np.random.Generator, kind: FieldFormat) -> npt.NDArray[Any]:
    spots = (rng.random((kind.side, kind.side)) < _SPOTS).astype(np.float32)
    cells = cv2.GaussianBlur(spots, (0, 0), kind.side / 60)
    light = cells / float(cells.max()) + 0.02
    if kind.suffix == ".tif":
        deep: npt.NDArray[Any] = rng.poisson(light * 4000).astype(np.uint16)
        return deep
    shallow: npt.NDArray[Any] = np.clip(rng.poisson(light * 200), 0, 255).astype(np.uint8)
    return shallow


def _plan(names: list[str], crops: int) -> pd.DataFrame:
    given = {
        "key": [f"bench/{number:07d}" for number in range(len(names))], "files": names,
        "dir_name": ["bench"] * len(names), "split": ["train"] * len(names),
        "crops": [crops] * len(names), "label": ["bench"] * len(names),
        "category": ["organism"] * len(names), "organism": ["bench"] * len(names),
        "folder": ["bench"] * len(names),
    }  # fmt: skip
    columns = schema.columns("plan")
    return pd.DataFrame({
        c.name: pd.Series(given.get(c.name, [c.missing] * len(names)),
                          dtype=_DTYPES.get(c.kind, "str"))
        for c in columns
    })  # fmt: skip
