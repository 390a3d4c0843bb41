"""Files that have a number for a name, where nobody publishes which numbers there are.

The server is asked for each of them once; what it does not have is remembered in the lock file.
Where the user has a table that names them, only those are asked for.
"""

from __future__ import annotations

import csv
import re

from etils import epath

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.sources.base import Download, Source

_COLUMN = "file_name"
_ARCHIVE = b"PK\x03\x04"


def numbers(download: Download, folder: str) -> list[int]:
    """Returns the numbers to ask for: those of the user's table, else all, the ends first.

    Raises:
      FetchError: the table has no column `file_name`, or names none of the numbers.
    """
    if download.numbers is None:
        raise errors.FetchError(f"{download.url} has no number in its address.")
    listed = listed_numbers(download, folder)
    if listed is not None:
        return listed
    # Both ends are known to exist: where they do not, the addresses are wrong, not the numbers.
    first, *between, last = download.numbers
    return [first, last, *between]


def listed_numbers(download: Download, folder: str) -> list[int] | None:
    """Returns the numbers that the user's table names, sorted; None where there is no table."""
    path = epath.Path(folder) / download.listed_in
    if not download.listed_in or download.numbers is None or not path.exists():
        return None
    rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    if _COLUMN not in (rows.fieldnames or ()):
        raise errors.FetchError(
            f"{path} has no column {_COLUMN!r}; it has {', '.join(rows.fieldnames or ())}."
        )
    named = (re.search(r"(\d+)\.[^/]*$", row[_COLUMN] or "") for row in rows)
    found = sorted({int(one[1]) for one in named if one} & set(download.numbers))
    if not found:
        raise errors.FetchError(
            f"{path} names no number from {download.numbers[0]} to {download.numbers[-1]} in its "
            f"column {_COLUMN!r}. Expected names such as {download.numbers[0]}.zip."
        )
    return found


def is_archive(path: epath.Path) -> bool:
    """True for a file that begins as a zip; a server may answer a page instead."""
    with path.open("rb") as file:
        return bytes(file.read(len(_ARCHIVE))) == _ARCHIVE


def check_pattern(download: Download, number: int, there: bool) -> None:
    """Raises FetchError where a number that must exist does not: the addresses are wrong."""
    if there or download.numbers is None:
        return
    if number in (download.numbers[0], download.numbers[-1]):
        raise errors.FetchError(
            f"{download.url.format(number=number)} holds no archive, although an image of that "
            "number is known: the server keeps its files elsewhere now. Nothing more was asked. "
            "See the homepage of the source."
        )


def check_count(source: Source, download: Download, folder: str, found: int) -> None:
    """Raises FetchError where the server had another number of files than there should be."""
    listed = listed_numbers(download, folder)
    expected = download.count if listed is None else len(listed)
    if expected is None or found == expected:
        return
    told = "the declaration" if listed is None else download.listed_in
    raise errors.FetchError(
        f"{source.dir_name}: the server has {wording.counted(found, 'file')}, expected "
        f"{expected:,} by {told}. What came is kept and checked. Numbers it does not have are "
        "remembered under 'absent' in the lock file: remove that list to ask again. To use what "
        "is there, build from the folder."
    )
