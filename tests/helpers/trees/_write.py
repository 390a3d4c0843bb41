"""Writes the small files that simulated downloads are made of.

Every function takes the root and a relative path, makes the folders in between and returns the
path written. Pixels come from the relative path alone: the same on every run, different from file
to file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

SHAPE = (12, 16)  # height, width: small, and not square, so that swapped axes are seen


def pixels(
    name: str, shape: Sequence[int] = SHAPE, dtype: str = "uint8", high: int | None = None
) -> np.ndarray:
    """Made-up pixels in [0, high]: [H, W], or whatever shape asks for; floats in [0, 1]."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64(seed))
    if np.dtype(dtype).kind == "f":
        return rng.random(tuple(shape)).astype(dtype)
    top = np.iinfo(dtype).max if high is None else high
    return rng.integers(0, int(top) + 1, tuple(shape)).astype(dtype)


def image(
    root: Path,
    relative: str,
    *,
    shape: Sequence[int] = SHAPE,
    dtype: str = "uint8",
    high: int | None = None,
    array: np.ndarray | None = None,
    compression: str | None = None,
) -> Path:
    """Writes an image in the format of its extension (any letter case).

    TIFF takes every shape and dtype (`compression='lzw'`, stacks as [planes, H, W]); PNG, BMP and
    JPEG take [H, W], [H, W, 3] and, PNG only, [H, W, 4] or uint16. `array` gives the pixels.
    """
    path = _parent(root, relative)
    data = pixels(relative, shape, dtype, high) if array is None else array
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        colour = data.ndim == 3 and data.shape[-1] in (3, 4)
        photometric = "rgb" if colour else "minisblack"
        tifffile.imwrite(path, data, compression=compression, photometric=photometric)
    else:
        formats = {".png": "PNG", ".bmp": "BMP", ".jpg": "JPEG", ".jpeg": "JPEG"}
        Image.fromarray(data).save(path, format=formats[suffix])
    return path


def images(root: Path, relatives: Iterable[str], *, dtype: str = "uint8") -> None:
    """Writes grey images with one setting."""
    for relative in relatives:
        image(root, relative, dtype=dtype)


def empty(root: Path, relatives: Iterable[str]) -> None:
    """Writes files without content, for readers that look at names alone; fast for thousands."""
    folders: set[Path] = set()
    for relative in relatives:
        path = Path(root, relative)
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        path.touch()


def raw(root: Path, relative: str, content: bytes = b"") -> Path:
    """Writes bytes as they are."""
    path = _parent(root, relative)
    path.write_bytes(content)
    return path


def text(root: Path, relative: str, content: str, encoding: str = "utf-8") -> Path:
    """Writes text; line ends stay as given."""
    return raw(root, relative, content.encode(encoding))


def csv(
    root: Path,
    relative: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    separator: str = ",",
) -> Path:
    """Writes a table without quoting: values must not hold the separator unless quoted already."""
    lines = [separator.join(map(str, line)) for line in [header, *rows]]
    return text(root, relative, "\n".join(lines) + "\n")


def debris(root: Path, *files: str) -> None:
    """Adds what macOS and Windows leave: for each image file its `._` twin below __MACOSX."""
    for relative in files:
        folder, _, name = relative.rpartition("/")
        raw(root, f"__MACOSX/{folder + '/' if folder else ''}._{name}", b"\0\5\x16\7")
    raw(root, ".DS_Store", b"\0\0\0\1Bud1")
    raw(root, "Thumbs.db", b"\xd0\xcf\x11\xe0")


def _parent(root: Path, relative: str) -> Path:
    path = Path(root) / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
