"""Rows of the plan in the database, made into the columns of a plan."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cytoimagenet_tfds import schema, sources
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import lines
from cytoimagenet_tfds.curation import splits

COLUMNS = schema.names("plan")

# A row in numbers: its line, ranks of its source and of the folder of its file, and its split.
ROW = np.dtype([*lines.LINE.descr, ("source", "i4"), ("head", "i4"), ("side", "i1")])
TEXTS = ("place", "idx", "reference")
SORTING = {"dir_name": "source", "files": "head"}

_OTHER = "other"  # dir_name of a row that names none
_SIDES = (splits.TRAIN, splits.VALIDATION)


def make(
    listed: lines.Lines,
    numbers: npt.NDArray[Any],
    texts: Mapping[str, pa.Array],
    names: Sequence[str],
) -> pa.Table:
    """Returns columns of rows, all of them plain."""
    parts = lines.Columns(listed, numbers, texts)
    found = (_column(name, parts, len(numbers)) for name in names)
    return pa.table(list(map(plan_table.text, found)), list(names))


def _column(name: str, parts: lines.Columns, count: int) -> pa.Array:
    if name in _OWN:
        return _OWN[name](parts)
    if name in _BLANK:
        return pa.repeat(_BLANK[name], count)
    return parts[name.removeprefix("published_")]


def _changed(column: pa.DictionaryArray, change: Callable[[str], str]) -> pa.DictionaryArray:
    values = [change(value) for value in column.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(values, pa.string()))


def _source(dir_name: str) -> str:
    return dir_name or _OTHER


@functools.cache
def _licence(dir_name: str) -> str:
    return sources.get(dir_name).licence if dir_name in sources.names() else "unknown"


_OWN: Mapping[str, Callable[[lines.Columns], pa.Array]] = {
    "key": lambda parts: pc.binary_join_element_wise("cytoimagenet", parts["place"], "/"),
    "files": lambda parts: parts["reference"],
    "missing": lambda parts: pc.if_else(pc.equal(parts["reference"], ""), "file", ""),
    "group": lambda parts: lines.group_column(parts["dir_name"], parts["idx"], parts["place"]),
    "dir_name": lambda parts: _changed(parts["dir_name"], _source),
    "licence": lambda parts: _changed(parts["dir_name"], _licence),
    "crops": lambda parts: parts["crop"].cast(pa.int32()),
    "split": lambda parts: pa.array(_SIDES).take(parts["side"]),
}


def _blank() -> dict[str, pa.Scalar]:
    """Returns the value of each column that the archive knows nothing of."""
    kinds = {"int": pa.int32(), "float": pa.float32(), "bool": pa.bool_()}
    known = {*_OWN, *lines.CODED, "idx", "folder"}
    return {
        column.name: pa.scalar(column.missing, kinds.get(column.kind, pa.string()))
        for column in schema.columns("plan") if column.name not in known
    }  # fmt: skip


_BLANK = _blank()


def source_names(listed: lines.Lines) -> list[str]:
    """Returns all dir_names, sorted."""
    return sorted({_source(name) for name in listed.codes["dir_name"].values()})


def source_ranks(listed: lines.Lines) -> npt.NDArray[np.int32]:
    """Returns the place of each source's name among all, sorted."""
    return ranks([_source(name) for name in listed.codes["dir_name"].values()])


def ranks(names: Sequence[str]) -> npt.NDArray[np.int32]:
    """Returns the place of each name among all different ones, sorted."""
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    return np.array([places[name] for name in names], np.int32)
