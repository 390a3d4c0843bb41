"""The published PNGs: checked where they lie, and taken from there byte by byte."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etils import epath

from cytoimagenet_tfds import checksums, errors, files, images, members
from cytoimagenet_tfds.build import chunks, render

MISSING = "missing file"
MISSING_MESSAGE = "The table lists it, the archive has it not."
ROWS_TIMES = 4  # a file is checked in a third of a millisecond
_LOOK = 1.0  # seconds for which what the disk says of an archive is believed

# Folder, path and kind of the archive looked at last, and when -> the fingerprint of its files.
_known: dict[tuple[str, str, str, int], str] = {}


class CheckChunk(render.RenderChunk):
    """Checks the files of a chunk; its table says how long each is and what its CRC-32 is."""

    def _fingerprint(self, row: Any) -> str:
        """As of any row; the files of one archive are as old as it is."""
        path, _, place_in = row.files.partition("#")
        if not place_in:
            return super()._fingerprint(row)
        # Names of archives end at the first of their endings, see `files.FileRef.container`.
        ending = f".{place_in[:3]}/"
        archive = path[: path.lower().find(ending)]
        place = self.roots[row.dir_name], archive, ending, int(time.monotonic() / _LOOK)
        found = _known.get(place)
        if found is None:
            _known.clear()
            found = _known[place] = super()._fingerprint(row)
        return found

    def _render_all(self, rows: Sequence[render.Row], writer: chunks.Writer) -> None:
        with members.Members() as opened:
            for row in rows:
                self._check(row, writer, opened)

    def _check(self, row: render.Row, writer: chunks.Writer, opened: members.Members) -> None:
        try:
            if row.plan.missing:
                raise errors.ImageError(MISSING, MISSING_MESSAGE)
            if row.problem is not None:
                raise row.problem
            (reference,) = row.references
            data = opened.read(row.root, reference)
            height, width = images.check_grey_png(data, self.settings.max_pixels)
        except errors.ImageError as error:
            writer.add(render.rejected(row.blank, error))
            return
        writer.note(row.blank._replace(
            y_max=height, x_max=width, height=height, width=width, length=len(data),
            crc32=_checksum(reference, data),
        ))  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ReadPublished:
    """Reads PNGs from the archive.

    Attributes:
      roots: dir_name -> folder of the archive.
    """

    roots: Mapping[str, str]

    @contextlib.contextmanager
    def __call__(self, folder: epath.Path) -> Iterator[chunks.Read]:
        """Gives what reads the bytes of an image; `folder` of the chunks has none of them."""
        with members.Members() as opened:
            yield _Reading(self, opened)

    def content(self, dir_name: str, text: str) -> bytes:
        """Returns the file of an image; raises BuildError where it cannot be read."""
        with members.Members() as opened:
            return self.read(opened, dir_name, text)[1]

    def read(
        self, opened: members.Members, dir_name: str, text: str
    ) -> tuple[files.FileRef, bytes]:
        """As `content`, from open archives; also where it lies."""
        try:
            reference = files.parse(text)
            return reference, opened.read(self.roots[dir_name], reference)
        except errors.ImageError as error:
            raise errors.BuildError(f"{text} could be read before: {error}") from error


class _Reading:
    """Reads images that were checked before."""

    def __init__(self, archive: ReadPublished, opened: members.Members) -> None:
        self._archive, self._opened = archive, opened

    def __call__(self, place: chunks.Place) -> bytes:
        """Returns the bytes that were checked; raises BuildError where they are others now."""
        reference, data = self._archive.read(self._opened, place.dir_name, place.files)
        if len(data) != place.length or _checksum(reference, data) != place.crc32:
            raise errors.BuildError(
                f"{place.files} has changed since it was checked. Leave the archive as it is "
                "while it is built from, and start the same build again."
            )
        return data

    def counts(self) -> dict[str, int]:
        """Returns nothing: images were counted when they were checked."""
        return {}


def _checksum(reference: files.FileRef, data: bytes) -> int:
    """Returns the CRC-32; that of a member of a zip was compared with its content on reading."""
    span = reference.span
    return span.crc if span is not None and span.kind == "zip" else checksums.crc32(data)
