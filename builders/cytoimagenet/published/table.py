"""The published metadata.csv as a table in the words of the schema, read in pieces."""

from __future__ import annotations

import ast
import collections
import functools
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from cytoimagenet_tfds import archive_stream, errors, schema
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives
from cytoimagenet_tfds.builders.cytoimagenet.published import columns, copying, expected

NEEDED = ("label", "filename")
TOKENS = (*schema.CATEGORIES, "microscopy", "channels")
BOUNDS = ("y_min", "y_max", "x_min", "x_max")
NUMBERS = ("scaling", *BOUNDS)
TEXTS = ("category", "database", "name", "dir_name", "path", "dset")
_UNKNOWN = ("nan", "none", "n/a")  # how a missing value of a text column may have been written
_TRUE, _FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")
_LARGEST = np.iinfo(np.int32).max  # bound of a crop, in pixels
_UNSURE = re.compile(r"\s*\(\?\)")


def read(archive: archives.Archive) -> tuple[pa.Table, tuple[str, ...]]:
    """Reads the table, the feather copy where there is no other.

    Returns:
      One line per image in file order, text columns as '' where empty and `TOKENS` joined by '|',
      dictionaries but for `filename` and `idx`; `crop` 0 or 1, `scaling` float32 with NaN, `BOUNDS`
      of any integer type, -1 where not stated; `folder` of the label, in which the file lies;
      `stated`, the label as it stands there. And what differs from the published table, one
      sentence each.

    Raises:
      TableError: it cannot be read, or has no row, no label or no file name.
    """
    name = archives.TABLE if archives.TABLE in archive.tables else archives.COPY
    rows, raw = _lines(archive, name)
    table = rows.table()
    if not len(table):
        raise errors.TableError(f"{name} has no row.")
    differences = [*_several_ways(table), *rows.strange()]
    if name == archives.TABLE and archives.COPY in archive.tables:
        table, more = copying.compared(table, raw, lambda: _copy(archive))
        differences += more
    lacking = sorted({*TEXTS, *TOKENS, *NUMBERS, "crop", "idx"} - {"dset", "channels"} - set(raw))
    if lacking:
        differences.append(f"{name} has no column {', '.join(lacking)}.")
    return table, tuple(differences)


def _lines(archive: archives.Archive, name: str) -> tuple[_Rows, list[str]]:
    """Returns all lines of a table, and its columns."""
    rows = _Rows()
    raw: list[str] = []
    for piece in _pieces(archive, name):
        raw = raw or _checked(list(piece.columns), name)
        rows.add(piece)
    return rows, raw


def _copy(archive: archives.Archive) -> copying.Read:
    rows, raw = _lines(archive, archives.COPY)
    return rows.table(), raw


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


def _several_ways(table: pa.Table) -> list[str]:
    labels, stated = (plan_table.whole(table[name]) for name in ("label", "stated"))
    ways = collections.Counter(label for (label, _), _ in columns.pairs(labels, stated))
    what = "labels are written in several ways, with other letter case or blanks"
    several = [label for label, count in ways.items() if count > 1]
    lines: list[str] = expected.listed(what, several)
    return lines


class _Rows:
    """Takes the lines piece by piece; of a text that repeats its number is kept."""

    def __init__(self) -> None:
        self._codes = {name: columns.Codes() for name in ("label", "stated", *TEXTS, *TOKENS)}
        self._texts = {name: columns.Texts() for name in ("filename", "idx")}
        self._numbers = {name: columns.Numbers() for name in ("crop", *NUMBERS)}
        self._strange: dict[str, collections.Counter[str]] = {}

    def add(self, piece: pd.DataFrame) -> None:
        """Adds lines whose columns are texts."""
        empty = pd.Series([""] * len(piece), dtype="str")

        def raw(name: str) -> pd.Series:
            # A line that ends too early lacks its last values.
            return piece[name].fillna("") if name in piece else empty

        for name, codes in self._codes.items():
            change = _CHANGES.get(name, cell if name in TOKENS else _known)
            codes.add(raw("label" if name == "stated" else name), change)
        for name, texts in self._texts.items():
            values = raw(name).str.strip()
            unknown = values.str.lower().isin(_UNKNOWN) & (name == "idx")
            texts.add(values.where(~unknown, ""))
        crops = raw("crop").str.strip().str.lower()
        self._numbers["crop"].add(crops.isin(_TRUE).astype("int8"))
        self._note("crop", crops[~crops.isin((*_TRUE, *_FALSE))])
        for name in NUMBERS:
            texts = raw(name).str.strip().str.lower()
            stated = pd.to_numeric(texts, errors="coerce").to_numpy("float64")
            known = np.abs(stated) <= _LARGEST  # False for NaN
            self._note(name, texts[~known])
            if name in BOUNDS:
                stated = np.where(known, stated, -1).astype(np.int32)
            self._numbers[name].add(stated)

    def _note(self, name: str, texts: pd.Series) -> None:
        strange = texts[~texts.isin(("", *_UNKNOWN))]
        if len(strange):
            self._strange.setdefault(name, collections.Counter()).update(strange.tolist())

    def strange(self) -> Iterator[str]:
        """Yields which cells of numbers and of `crop` hold something else."""
        for name, counts in self._strange.items():
            shown = [repr(text) for text in sorted(counts)]
            yield from expected.listed(f"cells of {name} cannot be read", shown, counts.total())

    def table(self) -> pa.Table:
        """Returns all lines, and forgets them."""
        found = {name: codes.column() for name, codes in self._codes.items()}
        found |= {name: texts.column() for name, texts in self._texts.items()}
        for name, numbers in self._numbers.items():
            found[name] = pa.array(numbers.array())
        found["folder"] = _folders(found["path"], found["label"])
        found["category"] = _categories(found)
        return pa.table({name: found[name] for name in found if name != "path"})


def _known(text: str) -> str:
    text = text.strip()
    return "" if text.lower() in _UNKNOWN else text


def _label(text: str) -> str:
    return " ".join(text.split()).lower()


_CHANGES: Mapping[str, Callable[[str], str]] = {"label": _label, "stated": str}


@functools.cache
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


def _folders(paths: pa.DictionaryArray, labels: pa.DictionaryArray) -> pa.DictionaryArray:
    """The last part of the path, where there is none the folder of the label."""
    folders = columns.Codes()
    of_path = [path.strip("/").rpartition("/")[2] for path in paths.dictionary.to_pylist()]
    by_path = np.array([folders.number(own) if own else -1 for own in of_path], np.int64)
    found = by_path[columns.numbers(paths)]
    if (found < 0).any():
        of_label = [schema.folder_name(label) for label in labels.dictionary.to_pylist()]
        by_label = np.array([folders.number(folder) for folder in of_label], np.int64)
        found = np.where(found < 0, by_label[columns.numbers(labels)], found)
    return folders.of(found)


def _categories(table: Mapping[str, pa.DictionaryArray]) -> pa.DictionaryArray:
    """Fills what is missing: a class has one category, and its label stands in that column."""
    known = columns.merged(
        table["category"], lambda name: name if name in schema.CATEGORIES else ""
    )  # fmt: skip
    stated: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for (label, category), count in columns.pairs(table["label"], known):
        stated[label][category] += count
    lacking = sorted(label for label, counts in stated.items() if "" in counts)
    if not lacking:
        return known
    most = {label: _most(stated[label]) for label in lacking}
    rest = [label for label in lacking if not most[label]]
    most |= _in_columns(table, rest) if rest else {}
    filled = columns.Codes()
    names = [filled.number(name) for name in known.dictionary.to_pylist()]
    labels = [filled.number(most.get(name, "")) for name in table["label"].dictionary.to_pylist()]
    own = np.array(names)[columns.numbers(known)]
    of_label = np.array(labels)[columns.numbers(table["label"])]
    return filled.of(np.where(columns.where(known, lambda name: not name), of_label, own))


def _most(counts: Mapping[str, int]) -> str:
    """Returns the category that most rows of a class state, the first of equal ones."""
    return max((name for name in counts if name), key=lambda name: counts[name], default="")


def _in_columns(table: Mapping[str, pa.DictionaryArray], labels: list[str]) -> dict[str, str]:
    """Returns the column that most rows of each class have its label in, '' for none."""
    counts = {label: dict.fromkeys(schema.CATEGORIES, 0) for label in labels}
    for name in schema.CATEGORIES:
        for (label, text), count in columns.pairs(table["label"], table[name]):
            if label in counts and label in schema.split_tokens(text):
                counts[label][name] += count
    best = {label: max(counts[label], key=counts[label].__getitem__) for label in labels}
    return {label: name if counts[label][name] else "" for label, name in best.items()}
