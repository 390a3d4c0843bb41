"""Tables as IDR publishes them, and DeltaVision files."""

from __future__ import annotations

import csv
import gzip
import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tifffile

from trees import _write

SERVER = "/uod/idr/filesets"
HUMAN = {"Characteristics [Organism]": "Homo sapiens"}
SEQUENCES = ("ztc", "czt", "zct")  # of DeltaVision files; the first axis changes fastest


def table(root: Path, path: str, lines: Sequence[Mapping[str, object]]) -> None:
    """Writes a table with the columns of its first line: .csv, .txt, .tsv, packed or not."""
    text = io.StringIO()
    separator = "," if ".csv" in path else "\t"
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(lines[0])
    writer.writerows(line.values() for line in lines)
    content = text.getvalue().encode()
    if path.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    elif path.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(Path(path).stem, content)
        content = packed.getvalue()
    _write.raw(root, path, content)


def places(root: Path, path: str, lines: Iterable[Sequence[str]]) -> None:
    """Writes plates.tsv or filePaths.tsv: no header."""
    _write.text(root, path, "".join("\t".join(line) + "\n" for line in lines))


def planes(root: Path, paths: Iterable[str], *, high: int = 65535) -> None:
    """Writes single 16-bit planes."""
    for path in paths:
        _write.image(root, path, dtype="uint16", high=high)


def harmony(
    folder: str, row: int, column: int, field: int, channels: Iterable[int], focal: int = 1
) -> list[str]:
    """Names of the planes of one field as Operetta and Phenix write them."""
    stem = f"{folder}/r{row:02d}c{column:02d}f{field:02d}p{focal:02d}"
    return [f"{stem}-ch{channel}sk1fk1fl1.tiff" for channel in channels]


def flex(root: Path, path: str, count: int = 2) -> None:
    """Writes an Opera file, a TIFF with one page per channel."""
    target = _write.raw(root, path)
    pages = _write.pixels(path, (count, *_write.SHAPE), "uint16", 4095)
    tifffile.imwrite(target, pages, photometric="minisblack")


def stack(root: Path, path: str, channels: int, times: int = 1) -> None:
    """Writes an ImageJ hyperstack."""
    target = _write.raw(root, path)
    shape = (times, channels, *_write.SHAPE)
    pages = _write.pixels(path, shape, "uint16")
    tifffile.imwrite(target, pages, imagej=True, metadata={"axes": "TCYX"})


def deltavision(
    root: Path,
    path: str,
    *,
    channels: int,
    depth: int = 1,
    times: int = 1,
    sequence: int = 0,
    dtype: str = "uint16",
) -> None:
    """Writes a .dv file; `sequence` is the place in SEQUENCES."""
    height, width = _write.SHAPE
    count = channels * depth * times
    header = bytearray(1024)
    codes = {"float32": 2, "uint16": 6}
    struct.pack_into("<4i", header, 0, width, height, count, codes[dtype])
    struct.pack_into("<h", header, 96, -16224)
    struct.pack_into("<2H", header, 180, times, sequence)
    struct.pack_into("<H", header, 196, channels)
    pages = _write.pixels(path, (count, height, width), dtype)
    _write.raw(root, path, bytes(header) + np.ascontiguousarray(pages).tobytes())
