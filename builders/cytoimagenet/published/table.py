"""The published metadata.csv as a table in the words of the schema, read in pieces."""

from __future__ import annotations

import ast
import collections
import functools
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cytoimagenet_tfds import archive_stream, errors, schema
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives
from cytoimagenet_tfds.builders.cytoimagenet.published import columns, copying, expected, lines

NEEDED = ("label", "filename")
_UNKNOWN = ("nan", "none", "n/a")  # how a missing value of a text column may have been written
_TRUE, _FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")
_LARGEST = np.iinfo(np.int32).max  # bound of a crop, in pixels
_KEPT = 1 << 14  # texts whose meaning is remembered
_UNSURE = re.compile(r"\s*\(\?\)")


def read(archive: archives.Archive) -> tuple[lines.Lines, tuple[str, ...]]:
    """Reads the table, the feather copy where there is no other, into the archive's database.

    Returns:
      The lines; and what differs from the published table, one sentence each.

    Raises:
      TableError: it cannot be read, or has no row, no label or no file name.
    """
    name = archives.TABLE if archives.TABLE in archive.tables else archives.COPY
    found, strange, raw = _lines(archive, name, "line")
    if not len(found):
        raise errors.TableError(f"{name} has no row.")
    differences = [*_several_ways(found), *strange]
    if name == archives.TABLE and archives.COPY in archive.tables:
        found, more = copying.compared(found, raw, lambda: _copy(archive))
        differences += more
    wanted = {*lines.TEXTS, *lines.TOKENS, *lines.NUMBERS, "path", "crop", "idx"}
    lacking = sorted(wanted - {"dset", "channels"} - set(raw))
    if lacking:
        differences.append(f"{name} has no column {', '.join(lacking)}.")
    return found, tuple(differences)


def _lines(
    archive: archives.Archive, name: str, target: str
) -> tuple[lines.Lines, list[str], list[str]]:
    """Returns all lines of a table, what of them cannot be read, and the table's columns."""
    writer = lines.Writer(archive.images.store, target)
    cells = _Cells()
    raw: list[str] = []
    for piece in _pieces(archive, name):
        raw = raw or _checked(list(piece.columns), name)
        if len(piece):
            writer.add(cells.of(piece))
    return writer.finish(), list(cells.strange()), raw


def _copy(archive: archives.Archive) -> copying.Read:
    found, _, raw = _lines(archive, archives.COPY, "copied_line")
    return found, raw


def _checked(names: list[str], where: str) -> list[str]:
    absent = [column for column in NEEDED if column not in names]
    if absent:
        raise errors.TableError(
            f"{where} has no column {' and no '.join(absent)}; it has {', '.join(names)}."
        )
    return names


def _pieces(archive: archives.Archive, name: str) -> Iterator[pd.DataFrame]:
    """Yields the lines some thousands at a time, all columns as text."""
    read = _of_copy if name == archives.COPY else _of_csv
    try:
        yield from read(archive, name)
    except (ValueError, OSError) as error:
        raise errors.TableError(f"{name} cannot be read: {error}") from error


def _of_csv(archive: archives.Archive, name: str) -> Iterator[pd.DataFrame]:
    with archive_stream.open_stream(archive.root, archive.tables[name]) as source:
        # A label may be called 'none' or 'null': nothing is taken for a missing value here.
        yield from pd.read_csv(
            source, dtype="str", keep_default_na=False, encoding="utf-8-sig",
            chunksize=columns.PIECE,
        )  # fmt: skip


def _of_copy(archive: archives.Archive, name: str) -> Iterator[pd.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        path = archive_stream.spooled(archive.root, archive.tables[name], folder)
        for batch in _batches(path):
            frame = batch.to_pandas()
            yield pd.DataFrame({column: _texts_of(frame[column]) for column in frame.columns})


def _batches(path: str) -> Iterator[pa.RecordBatch | pa.Table]:
    with pa.memory_map(path) as source, pa.ipc.open_file(source) as file:
        yield file.schema.empty_table()
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            for start in range(0, len(batch), columns.PIECE):
                yield batch.slice(start, columns.PIECE)


def _texts_of(values: pd.Series) -> pd.Series:
    return values.astype("object").where(values.notna(), "").map(_text).astype("str")


def _text(value: object) -> str:
    # A list of texts comes as an array, whose own text has no commas.
    return str(value.tolist() if isinstance(value, np.ndarray) else value)


def _several_ways(found: lines.Lines) -> list[str]:
    ways = collections.Counter(label for label, _ in found.pairs("stated"))
    what = "Labels written in several ways, with other letter case or blanks"
    several = [label for label, count in ways.items() if count > 1]
    said: list[str] = expected.listed(what, several)
    return said


class _Cells:
    """Reads the cells of lines, and remembers which of numbers and of `crop` are neither."""

    def __init__(self) -> None:
        self._strange: dict[str, collections.Counter[str]] = {}

    def of(self, piece: pd.DataFrame) -> lines.Piece:
        """Returns lines whose columns are texts as values."""
        empty = pd.Series([""] * len(piece), dtype="str")

        def raw(name: str) -> pd.Series:
            # A line that ends too early lacks its last values.
            return piece[name].fillna("") if name in piece else empty

        own = {name: raw("label" if name == "stated" else name) for name in lines.CODED}
        texts = {name: (values, _CHANGES.get(name, _change(name))) for name, values in own.items()}
        idx = raw("idx").str.strip()
        folders = map(_folder, raw("path").tolist(), raw("label").tolist())
        names = raw("filename").str.strip().tolist()
        return lines.Piece(
            texts,
            places=[f"{folder}/{name}" for folder, name in zip(folders, names, strict=True)],
            idx=idx.where(~idx.str.lower().isin(_UNKNOWN), "").tolist(),
            numbers={"crop": self._crops(raw("crop")), **{
                name: self._stated(name, raw(name)) for name in lines.NUMBERS
            }},
        )  # fmt: skip

    def _crops(self, texts: pd.Series) -> npt.NDArray[Any]:
        crops = texts.str.strip().str.lower()
        self._note("crop", crops[~crops.isin((*_TRUE, *_FALSE))])
        return crops.isin(_TRUE).to_numpy("int8")

    def _stated(self, name: str, texts: pd.Series) -> npt.NDArray[Any]:
        texts = texts.str.strip().str.lower()
        stated = pd.to_numeric(texts, errors="coerce").to_numpy("float64")
        known = np.abs(stated) <= _LARGEST  # False for NaN
        self._note(name, texts[~known])
        return np.where(known, stated, -1) if name in lines.BOUNDS else stated

    def _note(self, name: str, texts: pd.Series) -> None:
        strange = texts[~texts.isin(("", *_UNKNOWN))]
        if len(strange):
            self._strange.setdefault(name, collections.Counter()).update(strange.tolist())

    def strange(self) -> Iterator[str]:
        """Yields which cells of numbers and of `crop` hold something else."""
        for name, counts in self._strange.items():
            shown = [repr(text) for text in sorted(counts)]
            yield from expected.listed(
                f"Cells of {name} that cannot be read", shown, counts.total()
            )


def _change(name: str) -> Callable[[str], str]:
    return cell if name in lines.TOKENS else _known


def _known(text: str) -> str:
    text = text.strip()
    return "" if text.lower() in _UNKNOWN else text


def _label(text: str) -> str:
    return " ".join(text.split()).lower()


_CHANGES: Mapping[str, Callable[[str], str]] = {"label": _label, "stated": str}


@functools.lru_cache(_KEPT)
def cell(text: str) -> str:
    """Returns the values of one cell joined by '|'.

    The published table joins them so; earlier ones hold lists as Python writes them, and
    'fluorescence (?)'.
    """
    text = text.strip()
    values = list(schema.split_tokens(text))
    if text.startswith("[") and text.endswith("]"):
        try:
            values = [str(value) for value in ast.literal_eval(text)]
        except (ValueError, SyntaxError):
            values = [part.strip(" '\"") for part in text[1:-1].split(",")]
    values = [_UNSURE.sub("", value) for value in values]
    return schema.join_tokens(value for value in values if value.lower() not in ("nan", ""))


@functools.lru_cache(_KEPT)
def _folder(path: str, label: str) -> str:
    """The last part of the path, where there is none the folder of the label."""
    return _known(path).strip("/").rpartition("/")[2] or schema.folder_name(_label(label))
