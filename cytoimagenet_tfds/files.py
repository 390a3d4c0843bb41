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
import functools
import math
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, cast
from urllib.parse import unquote

from etils import epath

from cytoimagenet_tfds import archives, errors, paths

SEPARATOR = "|"
LARGE = 1 << 26
"""Bytes above which a file, such as a stack of many planes, is not read whole for one of them."""
MOST_UNPACKED = 1 << 30
"""Bytes a packed member of an archive may have: more than any plane below the limit of pixels."""
_BLOCK = 1 << 24
_ESCAPED = {"%": "%25", "|": "%7C", "#": "%23"}
_LEADS_OUT = re.compile(r"/|[A-Za-z]:/|.*(://|\0)|(.*/)?\.\.(/|\Z)", re.DOTALL)
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
    """Reads one reference back.

    Raises:
      ImageError: the text is none (`bad reference`). It is a ValueError as well.
    """
    path, _, fragment = text.partition("#")
    details: dict[str, Any] = {}
    try:
        for part in filter(None, fragment.split("&")):
            name, _, value = part.partition("=")
            details.update(_DETAILS[name](name, value))
        reference = FileRef(unquote(path, errors="strict"), **details)
        _check(reference)
    except (KeyError, ValueError) as error:
        raise errors.ImageError(
            "bad reference",
            f"{text!r} is no file reference, which is a path with #plane=N, #region="
            "Y_MIN,Y_MAX,X_MIN,X_MAX, or a place in an archive (zip, tar).",
        ) from error
    return reference


def _plane(_: str, value: str) -> dict[str, Any]:
    return {"plane": int(value)}


def _region(_: str, value: str) -> dict[str, Any]:
    y_min, y_max, x_min, x_max = map(int, value.split(","))
    return {"region": (y_min, y_max, x_min, x_max)}


def _span(name: str, value: str) -> dict[str, Any]:
    return {"span": archives.parse_span(name, value)}


_DETAILS: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
    "plane": _plane, "region": _region, "zip": _span, "tar": _span,
}  # fmt: skip


def _check(reference: FileRef) -> None:
    """Raises ValueError for a reference that names no file."""
    if not reference.container or reference.plane < 0:
        raise ValueError("there is no path, or no such plane")
    span = reference.span
    if span is not None and min(span.offset, span.length, span.size) < 0:
        raise ValueError("an archive begins at byte 0")


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
        (`missing file`), the disk or the network fails (`read error`), the archive is damaged, or
        its member a bomb (`too large`).
    """
    return cast(bytes, _content(root, reference, math.inf))


def read_or_open(root: str, reference: FileRef) -> bytes | IO[bytes]:
    """Returns the content as `read_bytes`, or the open file where that has more than `LARGE` bytes.

    Raises:
      ImageError: as `read_bytes`.
    """
    return _content(root, reference, LARGE)


def _content(root: str, reference: FileRef, most: float) -> bytes | IO[bytes]:
    """Returns the content, or the open file where that has more than `most` bytes."""
    path, size = _located(root, reference)
    with failures_of(reference):
        if reference.span is not None:
            check_member(reference, reference.span)
            return archives.read(path, reference.span, reference.path)
        if "://" in path:
            remote = epath.Path(path)
            large = most < math.inf and remote.stat().length > most
            return cast(IO[bytes], remote.open("rb")) if large else bytes(remote.read_bytes())
        if size > most:
            return open(path, "rb")  # closed by the caller
        return _read(path, size)


def _read(path: str, size: int) -> bytes:
    """Reads a file; every call of the system that is saved is one wait less of a thread.

    Args:
      path: of a file on a disk.
      size: bytes it should have.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        content = os.read(handle, size + 1)
        while len(content) != size and (more := os.read(handle, _BLOCK)):
            content += more  # a shared disk gave less at a time, or the file has grown
        return content
    finally:
        os.close(handle)


def check_member(reference: FileRef, span: archives.Span) -> None:
    """Raises ImageError (`too large`) for a member that would fill the memory."""
    if span.method and span.size > MOST_UNPACKED:
        raise errors.ImageError(
            "too large",
            f"{reference.path}: unpacks to {span.size:,} bytes in memory, {MOST_UNPACKED:,} may "
            "be. Unpack the archive.",
        )


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
      ImageError: the path is absolute or leads out of the root, by itself or by a link
        (`unsafe path`); what lies there is no file (`read error`).
    """
    return _located(root, reference)[0]


def length(root: str, reference: FileRef) -> int:
    """Returns the bytes of a file on a disk, 0 where there is none; raises as `locate`."""
    return _located(root, reference)[1]


def _located(root: str, reference: FileRef) -> tuple[str, int]:
    """Returns the path as `locate`, and the bytes of what lies there; 0 where that is unknown."""
    container = reference.container
    if _leads_out(container):
        raise _unsafe(reference)
    root = root.rstrip("/") or "/"
    path = f"{root}/{container}"
    if "://" in root:
        return path, 0
    folder, _, name = container.rpartition("/")
    is_link, mode, size = _status(path)
    if not _is_inside(root, folder) or (is_link and not _is_inside(root, container)):
        raise _unsafe(reference)
    if name and not stat.S_ISREG(mode):  # a pipe would be waited for without end
        message = f"{reference.path}: is no file, but a folder or a device."
        raise errors.ImageError("read error", message)
    return path, size


def _leads_out(path: str) -> bool:
    """Whether a relative path means another place, on this system or on any other."""
    return (
        _LEADS_OUT.match(path.replace("\\", "/")) is not None
        or os.path.isabs(path)
        or bool(os.path.splitdrive(path)[0])
    )


def _unsafe(reference: FileRef) -> errors.ImageError:
    message = f"{reference.path}: leads out of the folder of the source."
    return errors.ImageError("unsafe path", message)


@functools.lru_cache(4096)
def _is_inside(root: str, relative: str) -> bool:
    """Whether what lies there is below the root once links are followed; the root may be one."""
    inside = os.path.realpath(root)
    found = os.path.realpath(os.path.join(root, relative))
    return os.path.commonpath([inside, found]) == inside


def _status(path: str) -> tuple[bool, int, int]:
    """Returns whether it is a link, and mode and bytes of the file it leads to."""
    is_link = False
    try:
        status = os.lstat(path)
        if is_link := stat.S_ISLNK(status.st_mode):
            status = os.stat(path)
    except OSError:
        return is_link, stat.S_IFREG, 0  # reading it says what is wrong
    return is_link, status.st_mode, status.st_size
