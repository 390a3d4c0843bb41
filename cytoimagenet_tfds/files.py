"""Where the pixels of a row lie: one reference per channel, written as text in tables.

A reference is a path relative to the source's root, with `/` between folders, and
optionally a plane and a region inside that plane:

    images/a.tif                       the first plane of a file
    images/a.flex#plane=3              the fourth plane
    images/b.png#region=10,40,0,30     rows 10 to 39 and columns 0 to 29

Several references of one row are joined by `|`. The characters `%`, `|` and `#` of real
file names are percent-escaped, so that every name can be written and read back.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from urllib.parse import unquote

SEPARATOR = "|"
_ESCAPED = {"%": "%25", "|": "%7C", "#": "%23"}
NEEDS_ESCAPE = re.compile(r"[%|#]")


@dataclasses.dataclass(frozen=True)
class FileRef:
    """One plane, or a region of one plane, of one file.

    Attributes:
      path: path relative to the source's root, `/` between folders.
      plane: 0-based number of the plane inside the file.
      region: (y_min, y_max, x_min, x_max) in pixels, upper bounds excluded; None for all.
    """

    path: str
    plane: int = 0
    region: tuple[int, int, int, int] | None = None

    def __str__(self) -> str:
        text = escape(self.path)
        details = []
        if self.plane:
            details.append(f"plane={self.plane}")
        if self.region is not None:
            details.append("region=" + ",".join(map(str, self.region)))
        return f"{text}#{'&'.join(details)}" if details else text


def escape(path: str) -> str:
    """Percent-escapes the three characters that have a meaning in a reference."""
    return NEEDS_ESCAPE.sub(lambda match: _ESCAPED[match.group()], path)


def parse(text: str) -> FileRef:
    """Reads one reference back; raises ValueError where the text is not one."""
    path, _, fragment = text.partition("#")
    plane, region = 0, None
    for part in filter(None, fragment.split("&")):
        name, _, value = part.partition("=")
        if name == "plane":
            plane = int(value)
        elif name == "region":
            y_min, y_max, x_min, x_max = map(int, value.split(","))
            region = (y_min, y_max, x_min, x_max)
        else:
            raise ValueError(
                f"{text!r} is no file reference: it names {name!r}, not plane or region."
            )
    return FileRef(unquote(path), plane, region)


def join(references: Iterable[FileRef]) -> str:
    """Writes the references of one row, in channel order."""
    return SEPARATOR.join(map(str, references))


def split(text: str) -> tuple[FileRef, ...]:
    """Reads the references of one row; an empty text gives none."""
    return tuple(parse(part) for part in text.split(SEPARATOR)) if text else ()
