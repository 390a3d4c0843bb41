"""The files below a source's root, listed once, in an order no file system decides."""

from __future__ import annotations

import functools
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import archives, errors, wording
from cytoimagenet_tfds import files as files_module
from cytoimagenet_tfds.sources import unpacking
from cytoimagenet_tfds.sources.report import Report

if TYPE_CHECKING:
    import pandas as pd

IMAGE_SUFFIXES = (
    ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".dib", ".dv", ".flex", ".c01",
)  # fmt: skip

# What macOS, Windows and web servers leave in archives.
_DEBRIS_FOLDERS = frozenset({"__macosx", ".git", ".ipynb_checkpoints", "@eadir"})
_DEBRIS_FILES = frozenset({".ds_store", ".htaccess", "thumbs.db", "desktop.ini"})


_SHOWN = 100  # columns a message names
# What Python puts in place of bytes of a file name that are no UTF-8.
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_debris(path: str) -> bool:
    """True for files that an operating system or a web server left behind."""
    *folders, name = path.lower().split("/")
    return (
        name in _DEBRIS_FILES
        or name.startswith("._")
        or not _DEBRIS_FOLDERS.isdisjoint(folders)
    )  # fmt: skip


class Tree:
    """A source folder, unpacked or with its archives as downloaded.

    The members of `a.zip` appear as if it had been unpacked into a folder `a` beside it; an archive
    beside such a folder is not opened.

    Attributes:
      root: the folder; it may be a link to a data disk.
      links: links found below it that lead to a folder or out of the root: they are not followed.
      undecodable: names below it that are no UTF-8, as ASCII; such a file fits into no table.
      packed: archives whose members cannot be reached one by one.
      opened: archives that have members in `files`.
        All four are complete once `files` was read, or `walk` to its end.
      members: path in `files` -> the archive and the place of the member in it.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = epath.Path(root)
        self.links: list[str] = []
        self.undecodable: list[str] = []
        self.packed: list[str] = []
        self.opened: set[str] = set()
        self.members: dict[str, tuple[str, archives.Span]] = {}

    @functools.cached_property
    def files(self) -> tuple[str, ...]:
        """Relative paths of all files but debris, `/` between folders, sorted."""
        names: list[str] = []
        for path, inner, span in self.walk():
            if span is None:
                names.append(path)
            else:
                self.members[path] = (inner, span)
        return tuple(sorted([*names, *self.members]))

    def walk(self) -> Iterator[tuple[str, str, archives.Span | None]]:
        """Yields all files as in `files`, in any order, none of which is kept.

        With each path come the path of the file on the disk, or of the archive and the member in
        it, and the place of the member.
        """
        if not self.root.is_dir():
            return
        text = os.fspath(self.root)
        folders: set[str] = set()
        closed: list[str] = []
        for path in _list_remote(self.root) if "://" in text else _list_local(text, self.links):
            if is_debris(path) or not self._is_text(path):
                continue
            folders.add(path.rpartition("/")[0].lower())
            if path.lower().endswith(archives.SUFFIXES + archives.STREAMED_SUFFIXES):
                closed.append(path)
            yield path, path, None
        yield from self._open_archives(sorted(closed), folders)

    def _open_archives(
        self, names: list[str], folders: set[str]
    ) -> Iterator[tuple[str, str, archives.Span | None]]:
        folders |= {"/".join(f.split("/")[:n]) for f in folders for n in range(1, f.count("/") + 1)}
        for name in names:
            self.packed += [name] if name.lower().endswith(archives.STREAMED_SUFFIXES) else []
            folder = name.rsplit(".", 1)[0]
            if not name.lower().endswith(archives.SUFFIXES) or folder.lower() in folders:
                continue
            for member, span in archives.walk(os.fspath(self.root / name)):
                path = f"{folder}/{member}"
                if not is_debris(path):
                    self.opened.add(name)
                    yield path, f"{name}/{member}", span
                if member.lower().endswith(archives.SUFFIXES + archives.STREAMED_SUFFIXES):
                    self.packed.append(f"{name}/{member}")

    def _is_text(self, path: str) -> bool:
        if path.isascii() or not _SURROGATE.search(path):
            return True
        self.undecodable.append(ascii(path))
        return False

    def image_files(self, suffixes: tuple[str, ...] = IMAGE_SUFFIXES) -> list[str]:
        """Relative paths of the files whose name ends, in any case, in one of `suffixes`."""
        return [path for path in self.files if path.lower().endswith(suffixes)]

    def match(
        self,
        pattern: str,
        report: Report,
        *,
        ignore: str = r"(?!)",
        suffixes: tuple[str, ...] = IMAGE_SUFFIXES,
    ) -> pd.DataFrame:
        """Returns the image files whose relative path the pattern finds.

        Args:
          pattern: regular expression with named groups, searched in the relative path, letter
            case ignored.
          report: gets the image files that neither pattern fits; a fatal finding if none fits.
          ignore: pattern of image files that are known and are not rows (masks, previews).
          suffixes: endings that make a file an image file.

        Returns:
          One line per file: `path` and the named groups as text, '' for a group that took no part.
        """
        import pandas as pd

        wanted, unwanted = re.compile(pattern, re.IGNORECASE), re.compile(ignore, re.IGNORECASE)
        paths: list[str] = []
        values: list[tuple[str, ...]] = []
        strangers: list[str] = []
        for path in self.image_files(suffixes):
            if unwanted.search(path):
                continue
            found = wanted.search(path)
            if found is None:
                strangers.append(path)
            else:
                paths.append(path)
                values.append(found.groups(""))
        if not paths:
            report.fatal(f"No image file fits the pattern {pattern}", strangers or self.files)
        elif strangers:
            report.note(
                "unknown name",
                f"{wording.counted(len(strangers), 'image file')} left out, not fitting {pattern}.",
                strangers,
            )
        groups = list(zip(*values, strict=True)) or [()] * wanted.groups
        named = {name: groups[number - 1] for name, number in wanted.groupindex.items()}
        return pd.DataFrame({"path": paths, **named}, dtype="str")

    def find(self, name: str) -> str | None:
        """Returns the path of the file called `name` (any letter case, any folder), or None.

        Of several the one in the fewest folders is taken, then the first in sorted order.
        """
        found = [path for path in self.files if path.rsplit("/", 1)[-1].lower() == name.lower()]
        return min(found, key=lambda path: (path.count("/"), path), default=None)

    def read_bytes(self, path: str) -> bytes:
        """Returns the content of one file."""
        if path in self.members:
            inner, span = self.members[path]
            container = files_module.FileRef(inner, span=span).container
            return archives.read(os.fspath(self.root / container), span, inner)
        content: bytes = (self.root / path).read_bytes()
        return content

    def open(self, path: str) -> IO[bytes]:
        """Opens one file for reading."""
        if path in self.members:
            return io.BytesIO(self.read_bytes(path))
        file: IO[bytes] = (self.root / path).open("rb")
        return file

    def read_table(self, path: str, **options: Any) -> pd.DataFrame:
        """Reads a CSV or TSV file as text: no value becomes a number or missing.

        Cells such as `NA`, `null` and `nan` occur as real values in source tables. `.gz` and `.zip`
        are unpacked. `options` go to `pandas.read_csv`.

        Raises:
          SourceLayoutError: the file is no such table.
        """
        import pandas as pd

        defaults: dict[str, Any] = {
            "dtype": "str", "keep_default_na": False, "na_filter": False,
            "encoding": "utf-8-sig",
        }  # fmt: skip
        try:
            with unpacking.opened(self.read_bytes(path), path) as content:
                table: pd.DataFrame = pd.read_csv(content, **(defaults | options))
        # EmptyDataError and UnicodeDecodeError are ValueErrors, a broken archive is the others,
        # an encrypted one a RuntimeError.
        except (
            ValueError,
            OSError,
            EOFError,
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            message = f"{self.root / path} cannot be read as a table: {error}"
            raise errors.SourceLayoutError(message) from error
        return table

    def table(
        self,
        name: str,
        columns: Sequence[str],
        report: Report,
        *,
        needed: bool = True,
        **options: Any,
    ) -> pd.DataFrame | None:
        """Finds a table by its file name, reads it and checks that it has the columns.

        Args:
          name: file name, found in any folder, in any letter case, also as `.gz` and `.zip`.
          columns: columns it must have.
          report: gets a fatal finding where the table is not there or lacks columns; only a note
            where an absent table is not `needed`.
          needed: False where rows can be made without it.
          **options: for `pandas.read_csv`.

        Returns:
          The table as text, or None where it is not there or does not fit.
        """
        found = [self.find(f"{name}{suffix}") for suffix in ("", ".gz", ".zip")]
        path = next(filter(None, found), None)
        if path is None:
            add = report.fatal if needed else functools.partial(report.note, "missing table")
            add(f"The table {name} is not there.", self.files if needed else ())
            return None
        table = self.read_table(path, **options)
        absent = [column for column in columns if column not in table]
        if absent:
            shown = [*table.columns[:_SHOWN], *(["..."] if len(table.columns) > _SHOWN else [])]
            report.fatal(f"{path} lacks the columns {absent}; it has {shown}.")
            return None
        return table


def _list_local(root: str, links: list[str]) -> Iterator[str]:
    root = os.path.realpath(root)
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(os.path.join(root, folder)) as entries:
            for entry in entries:
                relative = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_symlink() and not _may_follow(root, entry):
                    links.append(relative)
                elif entry.is_dir():
                    folders.append(relative)
                elif entry.is_file():
                    yield relative


def _may_follow(root: str, entry: os.DirEntry[str]) -> bool:
    """A folder could lead round in a circle, and an archive's link could lead to any file."""
    return entry.is_file() and os.path.realpath(entry.path).startswith(root.rstrip(os.sep) + os.sep)


def _list_remote(root: epath.Path) -> Iterator[str]:
    folders = [root]
    prefix = os.fspath(root).rstrip("/") + "/"
    while folders:
        for entry in folders.pop().iterdir():
            if entry.is_dir():
                folders.append(entry)
            else:
                yield os.fspath(entry).removeprefix(prefix)
