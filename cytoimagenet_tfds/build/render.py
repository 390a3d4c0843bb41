"""Rendering one chunk: decode, merge, check, crop and encode its rows."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy.typing as npt
from etils import epath

from cytoimagenet_tfds import errors, files, hashing, images, schema
from cytoimagenet_tfds.build import chunks, division, memory, own_threads, storage
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.build.work import WorkFolder

if TYPE_CHECKING:
    import numpy as np

RENDERED, KEPT = "rendered", "kept"
READ_ERROR = "read error"


class Row(NamedTuple):
    """A row of a plan, ready to be rendered.

    Attributes:
      plan: its columns.
      root: folder of its source.
      references: its planes.
      problem: why they cannot be told.
      blank: line of a chunk with its key and the hash of size and times of its source files.
    """

    plan: Any
    root: str
    references: tuple[files.FileRef, ...]
    problem: errors.ImageError | None
    blank: chunks.Line


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
        name, table = division.read(self.work, self.digest, number)
        rows = [self._row(plan) for plan in table.itertuples(index=False)]
        prints = [row.blank.fingerprint for row in rows]
        if _is_current(self.work.chunks, name, table["key"].tolist(), prints):
            return number, KEPT, {"chunks kept": 1}
        memory.keep_for_images()
        writing = chunks.Writer(self.work.chunks, name, self.run)
        with own_threads.ONE_THREAD, writing as writer:
            self._render_all(rows, writer)
            images_written = writer.commit()
        counts = {"chunks rendered": 1, "rows rendered": len(rows), "images": images_written}
        return number, RENDERED, counts

    def _row(self, plan: Any) -> Row:
        """Makes a row of a plan ready; what is wrong with its references is told later."""
        references: tuple[files.FileRef, ...] = ()
        problem = None
        try:
            references = files.split(plan.files)
        except errors.ImageError as error:
            problem = error
        blank = chunks.Line(key=plan.key, fingerprint=self._fingerprint(plan))
        return Row(plan, self.roots[plan.dir_name], references, problem, blank)

    def _fingerprint(self, row: Any) -> str:
        """Returns a hash of size and times of each source file of a row."""
        root = self.roots[row.dir_name]
        try:
            paths = sorted({reference.container for reference in files.split(row.files)})
        except errors.ImageError:  # such a row is rejected, whatever lies there
            paths = []
        return hashing.hex_digest(*(part for path in paths for part in (path, _stat(root, path))))

    def _render_all(self, rows: Sequence[Row], writer: chunks.Writer) -> None:
        """Adds a line for each image, or for the reason why a row has none."""
        # Here, not row by row: between rows pixels drive NumPy's code out of the cache.
        rngs = [hashing.generator(self.settings.seed, "crop", row.plan.key) for row in rows]
        reader = Reader(self.settings.max_pixels)
        for row, rng in zip(rows, rngs, strict=True):
            self._render(row, rng, writer, reader)

    def _render(
        self, row: Row, rng: np.random.Generator, writer: chunks.Writer, reader: Reader
    ) -> None:
        """Adds the images of one row; whatever is wrong with it, a line with the reason."""
        plan, blank = row.plan, row.blank
        try:
            if plan.missing:
                raise errors.ImageError("missing channel", _missing_message(plan.missing))
            if row.problem is not None:
                raise row.problem
            channels = [reader.plane(row.root, reference) for reference in row.references]
            further = {name: getattr(plan, name) for name in self.arguments}
            result = self.standardize(
                channels, int(plan.crops), rng, self.settings, segmented=bool(plan.segmented),
                **further,
            )  # fmt: skip
        except errors.ImageError as error:
            writer.add(rejected(blank, error))
            return
        except MemoryError:
            message = "There was not enough memory to decode it."
            writer.add(blank._replace(reason="too large", message=message))
            return
        if result.rejected is not None:
            message = f"The image is {result.rejected}."
            writer.add(blank._replace(reason=result.rejected, message=message))
            return
        for number, (window, image) in enumerate(result.images):
            line = _line(blank, number, window, image, channels[0].shape)
            writer.add(line, self.encode(image))


def rejected(blank: chunks.Line, error: errors.ImageError) -> chunks.Line:
    """Returns the line of a row that cannot be used."""
    # A disk or a network that failed may work the next time: no fingerprint, try again.
    kept = "" if error.reason == READ_ERROR else blank.fingerprint
    return blank._replace(fingerprint=kept, reason=error.reason, message=str(error))


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
        return blank._replace(y_max=shape[0], x_max=shape[1], height=height, width=width)
    return blank._replace(
        crop=number, y_min=window.y_min, y_max=window.y_max, x_min=window.x_min,
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
            content = files.read_or_open(root, reference)
            if not isinstance(content, bytes):
                with files.failures_of(reference), content as large:
                    return images.decode_file(large, plane, name, max_pixels=limit)
            self._path, self._data = path, content
        return images.decode(self._data, plane, name, max_pixels=limit)
