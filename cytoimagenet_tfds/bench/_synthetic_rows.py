"""A row table of any size with Zipf-distributed labels, as large as all 40 sources together."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import schema

FULL_SIZE = 2_700_000
_EXPONENT = 1.05
_SOURCES = 40
_DTYPES = {"int": "int32", "float": "float32", "bool": "bool"}


@dataclasses.dataclass(frozen=True)
class _Labels:
    """How the values of one column are spread: how many, in what share of rows, how many a row."""

    values: int
    filled: float
    most: int = 1


# Chosen so that a table of the full size has about 1,170 labels of 287 rows or more.
_COLUMNS = {
    "organism": _Labels(6, 1.0),
    "cell_type": _Labels(60, 0.95),
    "cell_visible": _Labels(40, 0.95, most=5),
    "phenotype": _Labels(200, 0.25, most=2),
    "compound": _Labels(2500, 0.45),
    "gene": _Labels(2000, 0.2),
    "sirna": _Labels(1500, 0.15),
}


def table(count: int, seed: int = 0, *, every_column: bool = True) -> pd.DataFrame:
    """Returns `count` rows.

    Args:
      count: number of rows.
      seed: of the draw.
      every_column: all columns of a row table, or only those that labelling reads.
    """
    generator = np.random.default_rng(seed)
    source = np.sort(generator.integers(_SOURCES, size=count))
    number = np.char.mod("%d", np.arange(count))
    names = np.array([f"source{i:02}" for i in range(_SOURCES)])
    name = _text(names, source)
    columns = {
        "key": name + "/plate1/images/field_" + pd.Series(number, dtype="str") + ".tif",
        "name": name,
        "microscopy": _text(np.array(["fluorescence", "confocal"]), source % 2),
    }
    for column, labels in _COLUMNS.items():
        columns[column] = _label_cells(column, labels, count, generator)
    if every_column:
        _fill(columns, source, count)
    return pd.DataFrame(columns)


def _label_cells(
    column: str, labels: _Labels, count: int, generator: np.random.Generator
) -> pd.Series:
    weights = np.arange(1, labels.values + 1) ** -_EXPONENT
    weights /= weights.sum()
    # A few thousand different cells, as in real tables: rows of one experiment share theirs.
    cells = [""]
    for value in range(labels.values):
        others = generator.choice(labels.values, size=(3, labels.most - 1), p=weights)
        cells += [schema.join_tokens(f"{column} {i}" for i in (value, *more)) for more in others]
    chosen = generator.choice(labels.values, size=count, p=weights)
    cell = 1 + 3 * chosen + generator.integers(3, size=count)
    cell[generator.random(count) > labels.filled] = 0
    return _text(np.array(cells, dtype=object), cell)


def _text(values: npt.NDArray[np.generic], codes: npt.NDArray[np.integer]) -> pd.Series:
    return pd.Series(list(values), dtype="str").take(codes).reset_index(drop=True)


def _fill(columns: dict[str, pd.Series], source: npt.NDArray[np.integer], count: int) -> None:
    columns["dir_name"] = columns["name"]
    columns["database"] = _text(np.array([f"database {i}" for i in range(5)]), source % 5)
    columns["licence"] = _text(np.array(["CC0-1.0", "CC-BY-4.0"]), source % 2)
    well = pd.Series(np.char.mod("%d", np.arange(count) // 4), dtype="str")
    columns["group"] = columns["name"] + ":" + well
    for column in schema.columns("rows"):
        if column.name not in columns:
            kind = _DTYPES.get(column.kind, "str")
            columns[column.name] = pd.Series(column.missing, index=range(count), dtype=kind)
