"""The published metadata.csv as a table in the words of the schema."""

from __future__ import annotations

import ast
import collections
import functools
import io
import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import errors, files, schema
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives

NEEDED = ("label", "filename")
TOKENS = (*schema.CATEGORIES, "microscopy", "channels")
NUMBERS = ("scaling", "x_min", "x_max", "y_min", "y_max")
TEXTS = ("category", "database", "name", "dir_name", "path", "idx", "dset")
_UNKNOWN = ("nan", "none", "n/a")  # how a missing value of a text column may have been written
_UNSURE = re.compile(r"\s*\(\?\)")


def read(archive: archives.Archive) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Reads the table, the feather copy where there is no other.

    Returns:
      One line per image in file order, text columns as '' where empty and `TOKENS` joined by '|';
      `crop` bool, `NUMBERS` float64 with NaN; `folder` of the label, in which the file lies. And
      what differs from the published table, one sentence each.

    Raises:
      TableError: it cannot be read, or has no label or no file name.
    """
    name = archives.TABLE if archives.TABLE in archive.tables else archives.COPY
    raw = _read(archive, name)
    absent = [column for column in NEEDED if column not in raw]
    if absent:
        raise errors.TableError(
            f"{name} has no column {' and no '.join(absent)}; it has {', '.join(raw.columns)}."
        )
    differences = _copy_differences(archive, raw) if name == archives.TABLE else []
    lacking = sorted({*TEXTS, *TOKENS, *NUMBERS, "crop"} - {"dset", "channels"} - set(raw))
    if lacking:
        differences.append(f"{name} has no column {', '.join(lacking)}.")
    return _standard(raw), tuple(differences)


def _read(archive: archives.Archive, name: str) -> pd.DataFrame:
    data = io.BytesIO(files.read_bytes(archive.root, archive.tables[name]))
    try:
        if name == archives.COPY:
            frame = pd.read_feather(data)
            texts = {c: _texts_of(frame[c]) for c in frame.columns}
            return pd.DataFrame(texts)
        # A label may be called 'none' or 'null': nothing is taken for a missing value here.
        return pd.read_csv(data, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, OSError) as error:
        raise errors.TableError(f"{name} cannot be read: {error}") from error


def _texts_of(values: pd.Series) -> pd.Series:
    return values.astype("object").where(values.notna(), "").map(str).astype("str")


def _copy_differences(archive: archives.Archive, raw: pd.DataFrame) -> list[str]:
    if archives.COPY not in archive.tables:
        return []
    copy = _read(archive, archives.COPY)
    if "filename" in copy and copy["filename"].tolist() == raw["filename"].tolist():
        return []
    return [f"{archives.COPY} does not list the files of {archives.TABLE} in the same order."]


def _standard(raw: pd.DataFrame) -> pd.DataFrame:
    empty = pd.Series([""] * len(raw), dtype="str")
    table = pd.DataFrame({"filename": raw["filename"].str.strip()})
    table["label"] = raw["label"].map(_label).astype("str")
    for name in TEXTS:
        values = raw[name].str.strip() if name in raw else empty
        table[name] = values.where(~values.str.lower().isin(_UNKNOWN), "")
    for name in TOKENS:
        table[name] = (raw[name].map(cell) if name in raw else empty).astype("str")
    for name in NUMBERS:
        values = raw.get(name, empty)
        table[name] = pd.to_numeric(values, errors="coerce").astype("float64")
    crop = raw["crop"].str.strip().str.lower() if "crop" in raw else empty
    table["crop"] = crop.isin(["true", "1", "1.0"])
    table["folder"] = _folders(table)
    table["category"] = _categories(table)
    return table


@functools.cache
def _label(text: str) -> str:
    return " ".join(text.split()).lower()


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


def _folders(table: pd.DataFrame) -> pd.Series:
    own = table["path"].str.strip("/").str.rsplit("/", n=1).str[-1]
    return own.where(own != "", table["label"].map(functools.cache(schema.folder_name))).astype(
        "str"
    )


def _categories(table: pd.DataFrame) -> pd.Series:
    """Fills what is missing: a class has one category, and its label stands in that column."""
    known = table["category"].where(table["category"].isin(schema.CATEGORIES), "")
    stated: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for label, category in zip(table["label"].tolist(), known.tolist(), strict=True):
        stated[label][category] += 1
    missing = (known == "").to_numpy()
    if not missing.any():
        return known
    found = dict.fromkeys(sorted(set(table["label"][missing].tolist())), "")
    for label in found:
        rest = {name: count for name, count in stated[label].items() if name}
        found[label] = max(rest, key=lambda name: rest[name]) if rest else _column(table, label)
    filled = table["label"].map(found).fillna("")
    return known.where(~missing, filled).astype("str")


def _column(table: pd.DataFrame, label: str) -> str:
    """Returns the column that most rows of a class have its label in, '' for none."""
    rows = table[table["label"] == label]
    counts: Mapping[str, int] = {
        name: sum(label in schema.split_tokens(text) for text in rows[name].tolist())
        for name in schema.CATEGORIES
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def bounds(table: pd.DataFrame) -> dict[str, npt.NDArray[np.int32]]:
    """Returns y_min, y_max, x_min and x_max of each row, [N] int32, -1 where not stated."""
    names = ("y_min", "y_max", "x_min", "x_max")
    values = {name: table[name].to_numpy() for name in names}
    return {
        name: np.where(np.isfinite(column), column, -1).astype(np.int32)
        for name, column in values.items()
    }
