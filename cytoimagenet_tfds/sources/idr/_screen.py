"""`.screen` files of idr0016: IDR's lists of the raw files of every field of a plate."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from cytoimagenet_tfds.sources import wells

_PLATE = re.compile(r"^Name\s*=\s*(.*\S)", re.MULTILINE)
_WELL = re.compile(r"^\[Well \d+\]$", re.MULTILINE)
_VALUE = re.compile(r"^(Row|Column)\s*=\s*(\d+)", re.MULTILINE)
_FIELD = re.compile(r"^Field_(\d+)\s*=\s*(.*\S)", re.MULTILINE)
# One path stands for the files of all channels: <folder>-<Hoechst/name1,Mito/name2>.tif
_ALTERNATIVES = re.compile(r"^(?P<before>[^<>]*)<(?P<choices>[^<>]+)>(?P<after>[^<>]*)$")


@dataclasses.dataclass(frozen=True)
class ListedFile:
    """One raw file as a `.screen` list names it.

    Attributes:
      plate: name of the plate.
      well: well, as A01.
      field: 0-based number of the field.
      path: path on IDR's server.
    """

    plate: str
    well: str
    field: int
    path: str


def files(text: str) -> Iterator[ListedFile]:
    """Yields the files of one `.screen` list in its order; wells without a field give none."""
    name = _PLATE.search(text)
    plate = name[1] if name else ""
    for block in _WELL.split(text)[1:]:
        place = {key: int(value) + 1 for key, value in _VALUE.findall(block)}
        if place.keys() < {"Row", "Column"}:
            continue
        well = wells.name(place["Row"], place["Column"])
        for number, pattern in _FIELD.findall(block):
            for path in _expand(pattern):
                yield ListedFile(plate, well, int(number), path)


def _expand(pattern: str) -> list[str]:
    found = _ALTERNATIVES.match(pattern)
    if found is None:
        return [pattern]
    return [found["before"] + choice + found["after"] for choice in found["choices"].split(",")]
