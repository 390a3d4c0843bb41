"""Reading a source's Excel table, found by its name or by its columns."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_SUFFIXES = (".xls", ".xlsx")
_MOST_BYTES = 1 << 28  # all sheets of a workbook, unpacked
_ZIP = b"PK"  # first bytes of a workbook since 2007, whatever its name ends in
_BROKEN = (ValueError, KeyError, IndexError, EOFError, struct.error, zipfile.BadZipFile)


def find(tree: Tree, name: str, columns: Sequence[str], report: Report) -> pd.DataFrame | None:
    """Returns the sheet that has the columns, all cells as stripped text, or None.

    The workbook called `name` is tried first, then every other one below the root, as people
    rename downloads. The first sheet with all columns counts.

    Args:
      tree: the source's files.
      name: name of the workbook as published.
      columns: columns the sheet must have, in its first line, letter case apart.
      report: gets a finding if there is no such sheet; rows can be made without it.

    Raises:
      ImportError: the package that reads this kind of workbook is not installed.
    """
    import pandas as pd

    named = tree.find(name)
    others = [path for path in tree.files if path.lower().endswith(_SUFFIXES) and path != named]
    refused: list[str] = []
    for path in [named, *others] if named else others:
        for header, *lines in _sheets(tree.read_bytes(path), path, refused):
            places = {title.lower(): place for place, title in enumerate(header)}
            if all(column.lower() in places for column in columns):
                chosen = [places[column.lower()] for column in columns]
                values = [[line[place] for place in chosen] for line in lines]
                return pd.DataFrame(values, columns=list(columns), dtype="str")
        refused.append(path)
    report.note(
        "missing table",
        f"There is no workbook {name} with the columns {', '.join(columns)}; what it says of the "
        "wells stays empty.",
        refused,
    )
    return None


def _sheets(content: bytes, path: str, refused: list[str]) -> list[list[list[str]]]:
    """Returns the sheets that are not empty, as lines of text; none where it is no workbook."""
    is_zip = content[:2] == _ZIP
    try:
        sheets = list(_openpyxl_sheets(content) if is_zip else _xlrd_sheets(content))
    except ImportError as error:
        package = "openpyxl" if is_zip else "xlrd"
        raise ImportError(f"{path} needs the package {package}: pip install {package}") from error
    except _BROKEN as error:
        refused.append(f"{path} is no workbook ({error})")
        return []
    return [[[_text(cell) for cell in line] for line in sheet] for sheet in sheets if sheet]


def _xlrd_sheets(content: bytes) -> Iterator[list[list[Any]]]:
    import xlrd

    if not content:
        raise ValueError("it is empty")
    try:
        # Without a log file xlrd prints what it thinks of a workbook.
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
        for sheet in book.sheets():
            yield [sheet.row_values(number) for number in range(sheet.nrows)]
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError) as error:
        raise ValueError(str(error)) from error


def _openpyxl_sheets(content: bytes) -> Iterator[list[list[Any]]]:
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _MOST_BYTES:
        raise ValueError(f"it unpacks to {size:,} bytes, {_MOST_BYTES:,} may be")
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for sheet in book.worksheets:
        yield [list(line) for line in sheet.iter_rows(values_only=True)]


def _text(cell: Any) -> str:
    """Returns a cell as people see it: 14.0 -> '14', None -> ''."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
