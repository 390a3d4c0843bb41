"""Small plans made by hand, and folders of small images, for tests of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import chunks, example_table, selection
from cytoimagenet_tfds.build import rendered as rendered_module

_DTYPES = {"int": "int32", "float": "float32", "bool": "bool"}


def plan(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """A plan of the given rows; every column not given is empty, key follows the first file."""
    lines = [_complete(number, row) for number, row in enumerate(rows)]
    columns = {
        column.name: pd.Series(
            [line[column.name] for line in lines], dtype=_DTYPES.get(column.kind, "str")
        )
        for column in schema.columns("plan")
    }
    return pd.DataFrame(columns).sort_values("key", ignore_index=True)


def _complete(number: int, row: dict[str, Any]) -> dict[str, Any]:
    empty = {column.name: column.missing for column in schema.columns("plan")}
    fixed = {"dir_name": "toy", "split": "train", "crops": 0, "idx": f"toy-{number}"}
    line = {**empty, **fixed, **row}
    line["key"] = line["key"] or f"toy/{line['files'].split('|')[0]}"
    line["folder"] = schema.folder_name(line["label"])
    return line


def rendered(plan: pd.DataFrame, lines: Sequence[chunks.Line]) -> rendered_module.Rendered:
    """What one chunk with these lines holds."""
    rows = {key: row for row, key in enumerate(plan["key"])}
    table = pa.Table.from_pylist([line._asdict() for line in lines], schema=chunks.arrow_schema())
    own = {"row": [rows[line.key] for line in lines], "chunk": [0] * len(lines)}
    for name, values in own.items():
        table = table.append_column(name, pa.array(values, pa.int32()))
    return rendered_module.collect(("c",), [table])


def examples(chosen: selection.Selection) -> pd.DataFrame:
    """All lines of the shards' tables, with the key of the row and the split."""
    pieces = example_table.slices(chosen, 0, len(chosen))
    images = pd.concat([piece.to_pandas() for piece in pieces], ignore_index=True)
    keys = chosen.plan["key"].to_pandas().take(chosen.images["row"])
    splits = [chosen.split_names[number] for number in chosen.splits]
    return images.assign(source_key=keys.to_numpy(), split=splits)


def noise(name: str, shape: tuple[int, int] = (24, 32)) -> np.ndarray:
    """[H, W] uint8 pixels that every quality check lets through; another image for every name."""
    rng = np.random.Generator(np.random.PCG64(list(name.encode())))
    return rng.integers(10, 200, shape, dtype=np.uint8)


def write_png(path: Path, image: np.ndarray) -> None:
    """Writes an image and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def folder(root: Path, count: int, shape: tuple[int, int] = (24, 32)) -> pd.DataFrame:
    """Writes `count` images and returns a plan of them."""
    names = [f"images/{number:03d}.png" for number in range(count)]
    for name in names:
        write_png(root / name, noise(name, shape))
    return plan([{"files": name} for name in names])
