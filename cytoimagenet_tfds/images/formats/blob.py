"""The bytes of one image file, with the checks that every format needs."""

from __future__ import annotations

import dataclasses
import io
from typing import BinaryIO

from cytoimagenet_tfds import errors

MAX_PIXELS = 100_000_000
"""Pixels a plane may have unless the caller says otherwise: 10,000 x 10,000."""

_MAX_BYTES_PER_PIXEL = 8  # four samples of 16 bits, the most a PNG, BMP or JPEG holds


@dataclasses.dataclass
class Blob:
    """An open image file.

    Attributes:
      handle: seekable binary file.
      size: its length in bytes.
      name: what messages call it; may be empty.
      max_pixels: pixels a plane may have.
      data: all of it, where it is in memory.
    """

    handle: BinaryIO
    size: int
    name: str
    max_pixels: int = MAX_PIXELS
    data: bytes | None = None

    @classmethod
    def of(cls, data: bytes, name: str = "", max_pixels: int = MAX_PIXELS) -> Blob:
        """Wraps the content of a file without copying it."""
        return cls(io.BytesIO(data), len(data), name, max_pixels, data)

    def error(self, reason: str, message: str) -> errors.ImageError:
        """Returns the error to raise, its message headed by the file's name."""
        return errors.ImageError(reason, f"{self.name}: {message}" if self.name else message)

    def part(self, offset: int, length: int, what: str) -> bytes:
        """Reads `length` bytes at `offset`; ImageError 'truncated' where the file ends before."""
        self.check_range(offset, length, what)
        self.handle.seek(offset)
        return self.handle.read(length)

    def pixels(self, offset: int, length: int, what: str) -> bytes | memoryview:
        """As `part`, without a copy where most of a file in memory is asked for."""
        if self.data is None or 2 * length < self.size:  # a view keeps the whole file in memory
            return self.part(offset, length, what)
        self.check_range(offset, length, what)
        return memoryview(self.data)[offset : offset + length]

    def check_range(self, offset: int, length: int, what: str) -> None:
        """Raises ImageError 'truncated' unless the file holds `length` bytes at `offset`."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise self.error(
                "truncated",
                f"{what} should reach from byte {offset} to {offset + length}, but the file has "
                f"{self.size} bytes.",
            )

    def head(self, length: int) -> bytes:
        """Reads the first bytes, fewer where the file is shorter."""
        self.handle.seek(0)
        return self.handle.read(length)

    def whole(self) -> bytes:
        """Reads the file; ImageError 'too large' where no image below the limit needs as much."""
        limit = _MAX_BYTES_PER_PIXEL * self.max_pixels + 2**20
        if self.size > limit:
            raise self.error(
                "too large",
                f"the file has {self.size} bytes; an image of {self.max_pixels} pixels, the "
                f"limit, needs at most {limit}.",
            )
        self.handle.seek(0)
        return self.handle.read()

    def check_size(self, height: int, width: int) -> None:
        """Raises ImageError where a plane of this size is empty or above the pixel limit."""
        if height <= 0 or width <= 0:
            raise self.error("empty image", f"the image is {height} x {width} pixels.")
        if height * width > self.max_pixels:
            raise self.error(
                "too large",
                f"the image is {height} x {width} pixels; the limit is {self.max_pixels} pixels "
                "(max_pixels).",
            )

    def check_plane(self, plane: int, count: int) -> None:
        """Raises ImageError 'no such plane' unless 0 <= plane < count."""
        if not 0 <= plane < count:
            raise self.error(
                "no such plane",
                f"plane {plane} was asked for; the file has {count}, from 0.",
            )
