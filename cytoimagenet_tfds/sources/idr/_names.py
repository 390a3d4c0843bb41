"""File-name grammars of the microscopes, as regular expressions with named groups.

Each begins after the `/` of the folder. Groups: `well`, or `well_index` (1-based, row-major), or
`row` and `column`; `site`, `channel` or `wave`, and what else tells two files apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources import wells

if TYPE_CHECKING:
    import pandas as pd

WELL = r"[A-Z]{1,2}\d{1,2}"

# Olympus ScanR: A1--W00001--P00001--Z00000--T00000--GFP.tif
SCANR = (
    r"(?P<stem>(?:[^/]*?--)?W(?P<well_index>\d+)--P(?P<site>\d+)--Z\d+--T\d+)"
    r"--(?P<channel>[^/]+)\.tiff?$"
)
# PerkinElmer Operetta and Opera Phenix (Harmony): r01c02f03p01-ch1sk1fk1fl1.tiff
HARMONY = (
    r"r(?P<row>\d+)c(?P<column>\d+)f(?P<site>\d+)p(?P<focal>\d+)"
    r"-ch(?P<channel>\d+)sk(?P<time>\d+)fk\d+fl\d+\.tiff?$"
)
# Yokogawa CellVoyager: <plate>_A01_T0001F001L01A01Z01C01.tif; A counts acquisitions, C channels.
CELL_VOYAGER = (
    rf"[^/]*_(?P<well>{WELL})_T(?P<time>\d+)F(?P<site>\d+)L\d+A(?P<action>\d+)Z(?P<focal>\d+)"
    r"C(?P<channel>\d+)\.tiff?$"
)
# Shading references that CellVoyager keeps beside the images.
CELL_VOYAGER_SHADING = r"(?:^|/)(?:DC|SC)_[^/]*\.tiff?$"
# GE IN Cell: A - 1(fld 1 wv DAPI - DAPI).tif, blanks or underscores, column padded or not.
IN_CELL = (
    r"(?P<row>[A-Z]{1,2})[ _]-[ _](?P<column>\d+)\(fld[ _](?P<site>\d+)"
    r"[ _]wv[ _](?P<channel>[^()/]+?)[ _]-[ _][^()/]+\)\.tiff?$"
)
# MetaXpress: <prefix>_A01_s1_w1<GUID>.tif; site and GUID are left out on some instruments.
METAXPRESS = (
    rf"(?P<prefix>[^/]*?)_(?P<well>{WELL})(?:_s(?P<site>\d+))?_w(?P<wave>\d)"
    r"(?P<guid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?\.tiff?$"
)
METAXPRESS_THUMBNAIL = r"thumb[^/]*\.tiff?$"
# PerkinElmer Opera: 001002003.flex is row 1, column 2, field 3.
OPERA = r"(?P<row>\d{3})(?P<column>\d{3})(?P<site>\d{3})\.flex$"

COLUMNS_OF_384 = 24


def below(folder: str, name: str) -> str:
    """Returns the pattern of a file called `name` in a folder that fits `folder`."""
    return rf"(?:^|/){folder}/{name}"


def add_wells(files: pd.DataFrame, columns: int = COLUMNS_OF_384) -> None:
    """Turns whatever names the well into `well`, as A01; numbers of sites lose their zeros.

    Args:
      files: lines of `Tree.match`; changed in place. A place that no plate has gives ''.
      columns: wells in a row, for grammars that number wells.
    """
    if "well_index" in files:
        place = files.pop("well_index")
        found = {text: _well(wells.from_index, int(text), columns) for text in place.unique()}
    elif "row" in files:
        place = files.pop("row") + " " + files.pop("column")
        found = {text: _well(_by_place, *text.split(" ")) for text in place.unique()}
    else:
        place = files["well"]
        found = {text: _well(wells.normalize, text) for text in place.unique()}
    files["well"] = place.map(found).astype("str")
    if "site" in files:
        files["site"] = files["site"].str.lstrip("0")


def spell_channels(files: pd.DataFrame, *codes: str, **others: str) -> None:
    """Writes channels as declared, whatever the letter case of the files.

    Args:
      files: lines of `Tree.match`; `channel` is changed in place.
      *codes: codes as declared.
      **others: further spellings, lower case -> code.
    """
    known = {code.lower(): code for code in codes} | others
    spelled = {text: known.get(text.lower(), text) for text in files["channel"].unique()}
    files["channel"] = files["channel"].map(spelled).astype("str")


def _well(name: Callable[..., str], *place: int | str) -> str:
    try:
        return name(*place)
    except ValueError:
        return ""


def _by_place(row: str, column: str) -> str:
    return wells.name(int(row) if row.isdecimal() else row, column)
