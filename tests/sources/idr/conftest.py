"""Real tables of IDR, joined to file names that nothing but the names exist of."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import pytest

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources import rows
from cytoimagenet_tfds.sources.idr import _tables
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree


@pytest.fixture
def real_tables(shared_data) -> Callable[..., _tables.Metadata]:
    """Returns dir_name, further names -> the real tables of a study, and a tree of those names."""

    def metadata(dir_name: str, names: Iterable[str] = ()) -> _tables.Metadata:
        tree = Tree(shared_data("idr", dir_name))
        tree.__dict__["files"] = tuple(sorted([*tree.files, *names]))
        return _tables.Metadata(tree, Report())

    return metadata


@pytest.fixture
def real_rows(real_tables) -> Callable[..., tuple[pd.DataFrame, Report]]:
    """Returns dir_name, file names -> the row table of those names with the real tables."""

    def table(dir_name: str, names: Iterable[str]) -> tuple[pd.DataFrame, Report]:
        source, meta = sources.get(dir_name), real_tables(dir_name, names)
        files = source.read(meta.tree, meta.report)
        return rows.assemble(source, files, meta.report, rows=source.rows), meta.report

    return table
