"""The published PNGs: checked where they lie, and taken from there byte by byte."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etils import epath

from cytoimagenet_tfds import checksums, errors, files, images, members
from cytoimagenet_tfds.build import chunks, memory, render
from cytoimagenet_tfds.builders.cytoimagenet.published import noting

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


class Reading(noting.Notes):
    """Reads images that were checked before."""

    def __init__(self, roots: Mapping[str, str], opened: members.Members) -> None:
        super().__init__()
        self._roots, self._opened = roots, opened

    def __call__(self, place: chunks.Place) -> bytes:
        """Returns the bytes that were checked; raises BuildError where they are others now."""
        with _could_be_read(place.files):
            reference, data = self.read(place.dir_name, place.files)
        if len(data) != place.length or _checksum(reference, data) != place.crc32:
            raise errors.BuildError(
                f"{place.files} has changed since it was checked. Leave the archive as it is "
                "while it is built from, and start the same build again."
            )
        return data

    def read(self, dir_name: str, text: str) -> tuple[files.FileRef, bytes]:
        """Returns where an image lies, and its file; raises ImageError where it cannot be read."""
        reference = files.parse(text)
        return reference, self._opened.read(self._roots[dir_name], reference)


@dataclasses.dataclass(frozen=True)
class ReadPublished:
    """Opens the archive for reading.

    Attributes:
      roots: dir_name -> folder of the archive.
      reading: reads the images.
    """

    roots: Mapping[str, str]
    reading: type[Reading] = Reading

    @contextlib.contextmanager
    def __call__(self, folder: epath.Path) -> Iterator[Reading]:
        """Gives what reads the bytes of an image; `folder` of the chunks has none of them."""
        memory.keep_for_images()
        with members.Members() as opened:
            yield self.reading(self.roots, opened)

    def content(self, dir_name: str, text: str) -> bytes:
        """Returns the file of an image that was read before; raises BuildError where it is not."""
        with members.Members() as opened, _could_be_read(text):
            return Reading(self.roots, opened).read(dir_name, text)[1]


@contextlib.contextmanager
def _could_be_read(text: str) -> Iterator[None]:
    try:
        yield
    except errors.ImageError as error:
        raise errors.BuildError(f"{text} could be read before: {error}") from error


def _checksum(reference: files.FileRef, data: bytes) -> int:
    """Returns the CRC-32; that of a member of a zip was compared with its content on reading."""
    span = reference.span
    return span.crc if span is not None and span.kind == "zip" else checksums.crc32(data)
