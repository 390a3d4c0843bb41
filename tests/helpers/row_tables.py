"""Row tables of a few columns, the others filled with what stands for unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cytoimagenet_tfds import schema

_DTYPES = {"int": "int32", "float": "float32", "bool": "bool"}


def make(columns: Mapping[str, Sequence[object]], prefix: str = "a") -> pd.DataFrame:
    """Returns a row table; `key`, `dir_name` and the like are made up where not given."""
    count = max(len(values) for values in columns.values())
    given = {
        "key": [f"{prefix}/{number}.tif" for number in range(count)],
        "dir_name": [prefix] * count,
        "name": [f"dataset {prefix}"] * count,
        "database": ["Image Data Resource"] * count,
        "licence": ["CC0-1.0"] * count,
        "group": [f"{prefix}:{number}" for number in range(count)],
        **columns,
    }
    table = {
        column.name: pd.Series(
            list(given.get(column.name, [column.missing] * count)),
            dtype=_DTYPES.get(column.kind, "str"),
        )
        for column in schema.columns("rows")
    }
    return pd.DataFrame(table)
