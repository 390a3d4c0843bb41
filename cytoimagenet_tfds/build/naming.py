"""Keys and names of examples, made for a few of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import files, schema

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

Places = tuple[list[str], list[str]]  # folders and file names of some examples
Names = Callable[["pa.Table", "npt.NDArray[Any]"], Places]  # rows, [N, 2] numbers and class sizes


def example_keys(keys: Iterable[str], crops: Iterable[int]) -> list[str]:
    """The key of the row, for a crop followed by its number: 'a/b.tif#crop=0'."""
    return [
        key if crop < 0 else f"{key}{'&' if '#' in key else '#'}crop={crop}"
        for key, crop in zip(keys, crops, strict=True)
    ]


def numbered(rows: pa.Table, numbers: npt.NDArray[Any]) -> Places:
    """The folder of the label, and the number of the image within its class."""
    folders = rows["folder"].to_pylist()
    pairs = zip(folders, numbers.tolist(), strict=True)
    names = [schema.file_name(folder, number, size) for folder, (number, size) in pairs]
    return [f"cytoimagenet/{folder}" for folder in folders], names


def own(rows: pa.Table, numbers: npt.NDArray[Any]) -> Places:
    """Folder and name of the first source file."""
    pairs = zip(rows["dir_name"].to_pylist(), rows["files"].to_pylist(), strict=True)
    return _divided(f"{dir_name}/{files.split(text)[0].path}" for dir_name, text in pairs)


def keyed(rows: pa.Table, numbers: npt.NDArray[Any]) -> Places:
    """Folder and name that the key of the row is made of."""
    return _divided(rows["key"].to_pylist())


def _divided(paths: Iterable[str]) -> Places:
    parts = [path.rpartition("/") for path in paths]
    return [part[0] for part in parts], [part[2] for part in parts]


def labels(rows: pa.Table) -> list[list[str]]:
    """Returns all label values of each row over the seven label columns, each once."""
    cells = zip(*(rows[name].to_pylist() for name in schema.CATEGORIES), strict=True)
    known: dict[tuple[str, ...], list[str]] = {}
    found: list[list[str]] = []
    for row in cells:
        if row not in known:
            known[row] = list(dict.fromkeys(t for cell in row for t in schema.split_tokens(cell)))
        found.append(known[row])
    return found
