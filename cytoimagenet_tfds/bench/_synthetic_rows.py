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
    """How the values of one column are spread.

    Attributes:
      values: how many there are, the n-th as frequent as n to the power of -1.05.
      sources: share of the sources that have this column: a compound screen has no siRNA.
      most: values in one cell.
    """

    values: int
    sources: tuple[float, float]
    most: int = 1


# Chosen so that a table of the full size has about 1,170 labels of 287 rows or more. Compound, gene
# and siRNA screens are different sources, as in the real tables.
_SCREENS = {
    "compound": _Labels(2500, (0.0, 0.45)),
    "gene": _Labels(2200, (0.45, 0.67)),
    "sirna": _Labels(1700, (0.67, 0.83)),
    "phenotype": _Labels(200, (0.4, 0.9), most=2),
}
# Column -> (values, values of one source, values in one cell); the same for a whole source.
_OF_SOURCE = {"organism": (6, 1, 1), "cell_type": (60, 3, 1), "cell_visible": (40, 2, 4)}


def table(count: int, seed: int = 0, *, every_column: bool = True) -> pd.DataFrame:
    """Returns `count` rows.

    Args:
      count: number of rows.
      seed: of the draw.
      every_column: all columns of a row table, or only those that labelling reads.
    """
    generator = np.random.default_rng(seed)
    source = np.sort(generator.integers(_SOURCES, size=count))
    number = pd.Series(np.arange(count)).astype("str")
    names = np.array([f"source{i:02}" for i in range(_SOURCES)])
    name = _text(names, source)
    columns = {
        "key": name + "/plate1/images/field_" + number + ".tif",
        "name": name,
        "microscopy": _text(np.array(["fluorescence", "confocal"]), source % 2),
    }
    for column, shape in _OF_SOURCE.items():
        columns[column] = _source_cells(column, shape, source, generator)
    for column, labels in _SCREENS.items():
        columns[column] = _screen_cells(column, labels, source, generator)
    if every_column:
        _fill(columns, source, count)
    return pd.DataFrame(columns)


def _source_cells(
    column: str,
    shape: tuple[int, int, int],
    source: npt.NDArray[np.integer],
    generator: np.random.Generator,
) -> pd.Series:
    values, of_source, most = shape
    cells = [
        schema.join_tokens(f"{column} {(i * of_source + j + 7 * k) % values}" for k in range(most))
        for i in range(_SOURCES)
        for j in range(of_source)
    ]
    chosen = source * of_source + generator.integers(of_source, size=len(source))
    return _text(np.array(cells, dtype=object), chosen)


def _screen_cells(
    column: str,
    labels: _Labels,
    source: npt.NDArray[np.integer],
    generator: np.random.Generator,
) -> pd.Series:
    weights = np.arange(1, labels.values + 1) ** -_EXPONENT
    weights /= weights.sum()
    cells = [""]
    for value in range(labels.values):
        others = generator.choice(labels.values, size=labels.most - 1, p=weights)
        cells.append(schema.join_tokens(f"{column} {i}" for i in (value, *others)))
    cell = 1 + generator.choice(labels.values, size=len(source), p=weights)
    first, last = (share * _SOURCES for share in labels.sources)
    cell[(source < first) | (source >= last)] = 0
    return _text(np.array(cells, dtype=object), cell)


def _text(values: npt.NDArray[np.generic], codes: npt.NDArray[np.integer]) -> pd.Series:
    return pd.Series(list(values), dtype="str").take(codes).reset_index(drop=True)


def _fill(columns: dict[str, pd.Series], source: npt.NDArray[np.integer], count: int) -> None:
    columns["dir_name"] = columns["name"]
    columns["database"] = _text(np.array([f"database {i}" for i in range(5)]), source % 5)
    columns["licence"] = _text(np.array(["CC0-1.0", "CC-BY-4.0"]), source % 2)
    well = pd.Series(np.arange(count) // 4).astype("str")
    columns["group"] = columns["name"] + ":" + well
    for column in schema.columns("rows"):
        if column.name not in columns:
            kind = _DTYPES.get(column.kind, "str")
            columns[column.name] = pd.Series(column.missing, index=range(count), dtype=kind)
