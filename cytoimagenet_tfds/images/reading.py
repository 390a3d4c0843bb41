"""Reads one plane of a file of any known format, by its content."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import IO, Any, BinaryIO, NamedTuple, cast

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs
from cytoimagenet_tfds.images.formats import bmp, cellomics, deltavision, jpeg, png, tiff

_HEAD = 256  # bytes that tell every format
_SMALL = 2**24  # bytes; of larger files only the parts of the plane asked for are read


class _Format(NamedTuple):
    name: str
    matches: Callable[[bytes], bool]
    count: Callable[[blobs.Blob], int]
    decode: Callable[[blobs.Blob, int], convert.Array]


_FORMATS = tuple(
    _Format(name, module.matches, module.count, module.decode)
    for name, module in (
        ("TIFF", tiff),
        ("PNG", png),
        ("JPEG", jpeg),
        ("BMP", bmp),
        ("Cellomics DIB", cellomics),
        ("DeltaVision", deltavision),
    )
)


def read(
    path: str | os.PathLike[str], plane: int = 0, *, max_pixels: int = blobs.MAX_PIXELS
) -> convert.Array:
    """Reads one plane of an image file; the format is told by content, not by extension.

    Args:
      path: local path, or any path `etils.epath` knows, such as `gs://bucket/a.tif`.
      plane: 0-based number of the plane in file order (page, z-slice, channel, time point).
      max_pixels: pixels a plane may have; checked before anything is decoded.

    Returns:
      [H, W] uint8, uint16 or float32, or [H, W, 3] uint8 (RGB) for colour. `images.convert` lists
      the rules for other types, alpha and deep colour.

    Raises:
      errors.ImageError: the file cannot be used. Its `reason` is one of 'missing file',
        'empty file', 'unknown format', 'unsupported', 'unreadable', 'truncated', 'too large',
        'no such plane', 'empty image', 'not finite'.
      OSError: the file system failed in another way.
    """
    name = os.fspath(path)
    try:
        with _open(name) as handle:
            handle.seek(0, os.SEEK_END)
            size = handle.tell()
            if size <= _SMALL:
                handle.seek(0)
                return decode(handle.read(), plane, name, max_pixels=max_pixels)
            return _decode(blobs.Blob(handle, size, name, max_pixels), plane)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise errors.ImageError("missing file", f"{name}: there is no such file.") from error


def decode(
    data: bytes, plane: int = 0, name: str = "", *, max_pixels: int = blobs.MAX_PIXELS
) -> convert.Array:
    """Decodes one plane from the content of a file; `name` heads messages. As `read` otherwise."""
    return _decode(blobs.Blob.of(data, name, max_pixels), plane)


def decode_file(
    file: IO[bytes], plane: int = 0, name: str = "", *, max_pixels: int = blobs.MAX_PIXELS
) -> convert.Array:
    """Decodes one plane of an open file, of which only the parts of that plane are read."""
    size = file.seek(0, os.SEEK_END)
    return _decode(blobs.Blob(cast(BinaryIO, file), size, name, max_pixels), plane)


def plane_count(data: bytes, name: str = "") -> int:
    """Returns the number of planes in the content of a file; ImageError as for `read`."""
    blob = blobs.Blob.of(data, name)
    return int(_guarded(blob, lambda: _format_of(blob).count(blob)))


def _open(name: str) -> BinaryIO:
    if "://" not in name:
        return open(name, "rb")
    from etils import epath

    # Whole at once: the many small reads of a decoder would each cross the network.
    return io.BytesIO(epath.Path(name).read_bytes())


def _decode(blob: blobs.Blob, plane: int) -> convert.Array:
    array: convert.Array = _guarded(blob, lambda: _format_of(blob).decode(blob, plane))
    return array


def _format_of(blob: blobs.Blob) -> _Format:
    if blob.size == 0:
        raise blob.error("empty file", "the file has 0 bytes.")
    head = blob.head(_HEAD)
    for candidate in _FORMATS:
        if candidate.matches(head):
            return candidate
    known = ", ".join(candidate.name for candidate in _FORMATS)
    raise blob.error(
        "unknown format", f"the content is none of {known}; it begins with {head[:16]!r}."
    )


def _guarded(blob: blobs.Blob, work: Callable[[], Any]) -> Any:
    """Runs a decoder; whatever a damaged file makes it raise becomes an ImageError."""
    try:
        return work()
    except errors.ImageError as error:
        if blob.name and not str(error).startswith(blob.name):
            raise errors.ImageError(error.reason, f"{blob.name}: {error}") from error
        raise
    except ImportError:
        raise
    except MemoryError as error:
        raise blob.error("too large", "there is not enough memory to decode it.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the file system failed, not the file
        raise blob.error("unreadable", f"{type(error).__name__}: {error}") from error
