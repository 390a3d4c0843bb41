"""Rendering one chunk: decode, merge, check, crop and encode its rows."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt
from etils import epath

from cytoimagenet_tfds import errors, files, hashing, images, schema
from cytoimagenet_tfds.build import chunks, division, own_threads, storage
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.build.work import WorkFolder

RENDERED, KEPT = "rendered", "kept"
READ_ERROR = "read error"


@dataclasses.dataclass(frozen=True)
class RenderChunk:
    """Renders chunk `number` of a plan, unless it is committed and its source files are the same.

    Attributes:
      work: the work folder.
      digest: hash of the plan.
      roots: dir_name -> folder of the raw source.
      settings: what decides the pixels.
      standardize: makes the images of a row from its channels, as `images.standardize` does.
      arguments: columns of the plan that `standardize` takes by name.
      encode: makes bytes of an image that `standardize` gave.
      run: name of this run of a build, noted in the chunks it makes.
    """

    work: WorkFolder
    digest: str
    roots: Mapping[str, str]
    settings: images.PixelSettings
    standardize: Callable[..., images.Standardized] = images.standardize
    arguments: tuple[str, ...] = ()
    encode: Callable[[Any], bytes] = images.encode_png
    run: str = ""

    def __post_init__(self) -> None:
        folders = [(f"The folder of {name}", root) for name, root in sorted(self.roots.items())]
        storage.check([*folders, ("The work folder", self.work.root)])

    def __call__(self, number: int) -> tuple[int, str, dict[str, int]]:
        """Returns the number, whether the chunk was rendered or kept, and what to count."""
        name, rows = division.read(self.work, self.digest, number)
        prints = [self._fingerprint(row) for row in rows.itertuples(index=False)]
        if _is_current(self.work.chunks, name, rows["key"].tolist(), prints):
            return number, KEPT, {"chunks kept": 1}
        writing = chunks.Writer(self.work.chunks, name, self.run)
        with own_threads.ONE_THREAD, writing as writer:
            reader = Reader(self.settings.max_pixels)
            for row, fingerprint in zip(rows.itertuples(index=False), prints, strict=True):
                self._render(row, fingerprint, writer, reader)
            images_written = writer.commit()
        counts = {"chunks rendered": 1, "rows rendered": len(rows), "images": images_written}
        return number, RENDERED, counts

    def _fingerprint(self, row: Any) -> str:
        """Returns a hash of size and times of each source file of a row."""
        root = self.roots[row.dir_name]
        try:
            paths = sorted({reference.container for reference in files.split(row.files)})
        except errors.ImageError:  # such a row is rejected, whatever lies there
            paths = []
        return hashing.hex_digest(*(part for path in paths for part in (path, _stat(root, path))))

    def _render(self, row: Any, fingerprint: str, writer: chunks.Writer, reader: Reader) -> None:
        """Adds the images of one row; whatever is wrong with it, a line with the reason."""
        blank = chunks.Line(key=row.key, fingerprint=fingerprint)
        try:
            if row.missing:
                raise errors.ImageError("missing channel", _missing_message(row.missing))
            channels = [
                reader.plane(self.roots[row.dir_name], reference)
                for reference in files.split(row.files)
            ]
            rng = hashing.generator(self.settings.seed, "crop", row.key)
            further = {name: getattr(row, name) for name in self.arguments}
            result = self.standardize(
                channels, int(row.crops), rng, self.settings, segmented=bool(row.segmented),
                **further,
            )  # fmt: skip
        except errors.ImageError as error:
            # A disk or a network that failed may work the next time: no fingerprint, try again.
            kept = "" if error.reason == READ_ERROR else fingerprint
            writer.add(chunks.Line(
                key=row.key, fingerprint=kept, reason=error.reason, message=str(error)
            ))  # fmt: skip
            return
        except MemoryError:
            message = "There was not enough memory to decode it."
            writer.add(dataclasses.replace(blank, reason="too large", message=message))
            return
        if result.rejected is not None:
            message = f"The image is {result.rejected}."
            writer.add(dataclasses.replace(blank, reason=result.rejected, message=message))
            return
        for number, (window, image) in enumerate(result.images):
            line = _line(blank, number, window, image, channels[0].shape)
            writer.add(line, self.encode(image))


def _is_current(folder: epath.Path, name: str, keys: list[str], prints: list[str]) -> bool:
    table = chunks.read(folder, name, check_bytes=True)
    if table is None:
        return False
    known = dict(zip(table["key"], table["fingerprint"], strict=True))
    return known == dict(zip(keys, prints, strict=True))


def _stat(root: str, path: str) -> str:
    """Returns size and times of a file; programs that unpack set all but the last as they like."""
    full = f"{root.rstrip('/')}/{path}"
    try:
        if work_module.is_remote(root):
            remote = epath.Path(full).stat()
            return f"{remote.length}:{remote.mtime}"
        local = os.stat(full)
    except (OSError, ValueError):  # no system has a file of such a name
        return "absent"
    return f"{local.st_size}:{local.st_mtime_ns}:{local.st_ctime_ns}"


def _missing_message(missing: str) -> str:
    return f"No file for the channel {', '.join(schema.split_tokens(missing))}."


def _line(
    blank: chunks.Line,
    number: int,
    window: images.Window | None,
    image: Any,
    shape: tuple[int, ...],
) -> chunks.Line:
    height, width = image.shape[:2]
    if window is None:
        return dataclasses.replace(
            blank, y_max=shape[0], x_max=shape[1], height=height, width=width
        )
    return dataclasses.replace(
        blank, crop=number, y_min=window.y_min, y_max=window.y_max, x_min=window.x_min,
        x_max=window.x_max, scaling=window.scaling, height=height, width=width,
    )  # fmt: skip


class Reader:
    """Reads planes; the last file stays in memory, as rows of one file follow each other."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._path = ""
        self._data = b""

    def plane(self, root: str, reference: files.FileRef) -> npt.NDArray[Any]:
        """Returns one plane, or a region of it; raises ImageError where it cannot be read."""
        image = self._whole_plane(root, reference)
        if reference.region is None:
            return image
        y_min, y_max, x_min, x_max = reference.region
        if not (0 <= y_min < y_max <= image.shape[0] and 0 <= x_min < x_max <= image.shape[1]):
            raise errors.ImageError(
                "region outside",
                f"{reference}: the region is rows {y_min} to {y_max}, columns {x_min} to {x_max}; "
                f"the image has {image.shape[0]} rows and {image.shape[1]} columns.",
            )
        return image[y_min:y_max, x_min:x_max]

    def _whole_plane(self, root: str, reference: files.FileRef) -> npt.NDArray[Any]:
        path = f"{root}/{reference.path}"
        plane, name, limit = reference.plane, reference.path, self._max_pixels
        if path != self._path:
            self._path, self._data = "", b""
            large = files.open_large(root, reference)
            if large is not None:
                with files.failures_of(reference), large:
                    return images.decode_file(large, plane, name, max_pixels=limit)
            self._data = files.read_bytes(root, reference)
            self._path = path
        return images.decode(self._data, plane, name, max_pixels=limit)
