"""Files that appear whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


_PART = ".part-"


def text(path: Path, content: str) -> None:
    """Writes a text file."""
    _replace(path, content.encode())


def as_json(path: Path, value: Any) -> None:
    """Writes a value as JSON."""
    text(path, json.dumps(value, indent=1) + "\n")


def csv(path: Path, table: pd.DataFrame) -> None:
    """Writes a table as CSV."""
    text(path, table.to_csv(index=False, lineterminator="\n"))


def parquet(path: Path, table: pd.DataFrame) -> None:
    """Writes a table as Parquet."""
    _replace(path, table.to_parquet(index=False, compression="zstd"))


def unfinished(path: Path) -> bool:
    """Whether a file is what a kill left of one that was being written."""
    return path.name.startswith(_PART)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f"{_PART}{path.name}"
    part.write_bytes(content)
    os.replace(part, path)
