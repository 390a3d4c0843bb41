"""Where the pixels of a row lie: one reference per channel, written as text in tables.

A reference is a path relative to the source's root, with `/` between folders, and
optionally a plane and a region inside that plane:

    images/a.tif                       the first plane of a file
    images/a.flex#plane=3              the fourth plane
    images/b.png#region=10,40,0,30     rows 10 to 39 and columns 0 to 29
    a.zip/b.tif#zip=40,210,900,8,77    a member of an archive and its place in it

Several references of one row are joined by `|`. The characters `%`, `|` and `#` of real
file names are percent-escaped, so that every name can be written and read back.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from collections.abc import Iterable, Iterator
from typing import IO
from urllib.parse import unquote

from etils import epath

from cytoimagenet_tfds import archives, errors, paths

SEPARATOR = "|"
LARGE = 1 << 26
"""Bytes above which a file, such as a stack of many planes, is not read whole for one of them."""
_ESCAPED = {"%": "%25", "|": "%7C", "#": "%23"}
NEEDS_ESCAPE = re.compile(r"[%|#]")


@dataclasses.dataclass(frozen=True, slots=True)
class FileRef:
    """One plane, or a region of one plane, of one file.

    Attributes:
      path: path relative to the source's root, `/` between folders.
      plane: 0-based number of the plane inside the file.
      region: (y_min, y_max, x_min, x_max) in pixels, upper bounds excluded; None for all.
      span: place in an archive, whose path is the part of `path` up to `.zip` or `.tar`; None for
        a file on its own.
    """

    path: str
    plane: int = 0
    region: tuple[int, int, int, int] | None = None
    span: archives.Span | None = None

    @property
    def container(self) -> str:
        """Relative path of the file on the disk: the archive, or the file itself."""
        if self.span is None:
            return self.path
        ending = f".{self.span.kind}/"
        return self.path[: self.path.lower().index(ending) + len(ending) - 1]

    def __str__(self) -> str:
        text = escape(self.path)
        details = [] if self.span is None else [str(self.span)]
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
    plane, region, span = 0, None, None
    for part in filter(None, fragment.split("&")):
        name, _, value = part.partition("=")
        if name == "plane":
            plane = int(value)
        elif name == "region":
            y_min, y_max, x_min, x_max = map(int, value.split(","))
            region = (y_min, y_max, x_min, x_max)
        elif name in ("zip", "tar"):
            span = archives.parse_span(name, value)
        else:
            raise ValueError(
                f"{text!r} is no file reference: it names {name!r}, not plane, region, zip or tar."
            )
    return FileRef(unquote(path), plane, region, span)


def join(references: Iterable[FileRef]) -> str:
    """Writes the references of one row, in channel order."""
    return SEPARATOR.join(map(str, references))


def split(text: str) -> tuple[FileRef, ...]:
    """Reads the references of one row; an empty text gives none."""
    return tuple(parse(part) for part in text.split(SEPARATOR)) if text else ()


def read_bytes(root: str, reference: FileRef) -> bytes:
    """Returns the content of the file, or of the member of an archive, a reference names.

    Args:
      root: folder of the source.
      reference: what to read; plane and region do not count.

    Raises:
      ImageError: the path leads out of the root (`unsafe path`), there is no such file
        (`missing file`), the disk or the network fails (`read error`), the archive is damaged.
    """
    path = locate(root, reference)
    with failures_of(reference):
        if reference.span is not None:
            return archives.read(path, reference.span, reference.path)
        if "://" in path:
            return bytes(epath.Path(path).read_bytes())
        with open(path, "rb", buffering=0) as file:
            return file.read()


def open_large(root: str, reference: FileRef) -> IO[bytes] | None:
    """Opens a file that is too large to be read whole for one plane.

    Args:
      root: folder of the source.
      reference: what to open; plane and region do not count.

    Returns:
      The open file; None for a member of an archive, and for a file of at most `LARGE` bytes.

    Raises:
      ImageError: as `read_bytes`.
    """
    if reference.span is not None:
        return None
    path = locate(root, reference)
    with failures_of(reference):
        if "://" in path:
            remote = epath.Path(path)
            file: IO[bytes] | None = remote.open("rb") if remote.stat().length > LARGE else None
            return file
        return open(path, "rb") if os.stat(path).st_size > LARGE else None


@contextlib.contextmanager
def failures_of(reference: FileRef) -> Iterator[None]:
    """Makes an ImageError of what the disk or the network says while a file is read."""
    try:
        with paths.failures_of(reference.path):
            yield
    except FileNotFoundError as error:
        message = f"{reference.path}: there is no such file."
        raise errors.ImageError("missing file", message) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.ImageError("read error", f"{reference.path}: {reason}.") from error


def locate(root: str, reference: FileRef) -> str:
    """Returns the path of the file, or of the archive, a reference names.

    Raises:
      ImageError: the path is absolute or leads out of the root.
    """
    container = reference.container
    if os.path.isabs(container) or "://" in container or ".." in container.split("/"):
        message = f"{reference.path}: leads out of the folder of the source."
        raise errors.ImageError("unsafe path", message)
    return f"{root.rstrip('/')}/{container}"
