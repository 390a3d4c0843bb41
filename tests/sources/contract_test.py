"""What every source must keep, checked on its simulated download (tests/helpers/trees)."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import errors, files, images, schema, sources, tables
from cytoimagenet_tfds.sources import tree as tree_module

NAMES = sources.names()
FOREIGN = [f"holiday/beach {number}.png" for number in range(5)]
WELL = re.compile(r"([A-Z]|A[A-F])\d\d")

each_source = pytest.mark.parametrize("name", NAMES)


def tree_of(name: str) -> ModuleType:
    return importlib.import_module(f"trees.{name}")


@dataclasses.dataclass(frozen=True)
class Made:
    root: Path
    table: pd.DataFrame


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Returns name -> the simulated tree and its table, each made once."""

    @functools.cache
    def make(name: str) -> Made:
        root = tmp_path_factory.mktemp(name) / name
        tree_of(name).make(root)
        return Made(root, sources.get(name).table(root))

    return make


def assert_same(table: pd.DataFrame, other: pd.DataFrame, *ignored: str) -> None:
    ignored_columns = list(ignored)
    pd.testing.assert_frame_equal(
        table.drop(columns=ignored_columns).reset_index(drop=True),
        other.drop(columns=ignored_columns).reset_index(drop=True),
    )


@each_source
def test_declaration_is_complete(name):
    source = sources.get(name)
    assert source.dir_name == name
    for field in ("name", "database", "description", "licence", "licence_page", "manual"):
        assert getattr(source, field).strip(), f"{field} is empty"
    assert source.homepage.startswith(("http://", "https://"))
    assert source.citation.lstrip().startswith("@"), "citation is no BibTeX"
    assert set(source.constants) <= set(schema.names("rows"))
    assert source.rows in ("field", "channel")
    codes = [channel.code for channel in source.channels]
    assert len(set(codes)) == len(codes)
    for download in source.downloads:
        assert re.fullmatch(r"(https?|s3|gs|ftp)://[^\s<>\"]+", download.url)
        assert download.sha256 is None or re.fullmatch("[0-9a-f]{64}", download.sha256)


@each_source
def test_merged_channels_are_of_one_modality(name):
    source = sources.get(name)
    assert len({c.microscopy for c in source.channels if c.merge}) <= 1


@each_source
def test_table_fits_the_schema(name, made):
    table = made(name).table
    tables.check(table, "rows")
    assert list(table.columns) == list(schema.names("rows"))
    assert table["key"].is_monotonic_increasing
    assert table["key"].str.startswith(f"{name}/").all()
    assert table["field"].str.startswith(f"{name}/").all()
    assert list(table["idx"]) == [f"{name}-{number}" for number in range(len(table))]
    assert list(table.index) == list(range(len(table)))


@each_source
def test_rows_and_values_are_the_expected_ones(name, made):
    table, tree = made(name).table.set_index("key"), tree_of(name)
    assert len(table) == tree.ROWS
    for key, expected in tree.EXPECTED.items():
        row = table.loc[key]
        found = {column: row[column] for column in expected}
        assert found == {c: pytest.approx(v) if isinstance(v, float) else v
                         for c, v in expected.items()}, key  # fmt: skip


@each_source
def test_labels_are_normal(name, made):
    table = made(name).table
    for column in schema.columns("rows"):
        if column.kind == "tokens" and column.name not in ("files", "missing"):
            for text in table[column.name].unique():
                assert text == schema.join_tokens(schema.split_tokens(text)), column.name
    assert all(not g or g.endswith(schema.TARGETED) for t in table["gene"].unique()
               for g in schema.split_tokens(t))  # fmt: skip
    assert all(not well or WELL.fullmatch(well) for well in table["well"].unique())
    assert (table["group"].str.contains(":", regex=False)).all()
    assert (table["licence"] == sources.get(name).licence).all()


@each_source
def test_a_field_lies_in_one_group(name, made):
    assert (made(name).table.groupby("field")["group"].nunique() == 1).all()


@each_source
def test_no_row_mixes_modalities(name, made):
    source, table = sources.get(name), made(name).table
    merged = sum(channel.merge for channel in source.channels)
    optional = sum(channel.optional for channel in source.channels)
    for _, row in table.iterrows():
        count = len(files.split(row["files"]))
        if count > 1:
            assert len(schema.split_tokens(row["microscopy"])) == 1, row["key"]
            expected = count + len(schema.split_tokens(row["missing"]))
            assert merged - optional <= expected <= merged, row["key"]


@each_source
def test_every_file_is_readable(name, made):
    root, table = made(name).root, made(name).table
    seen: set[str] = set()
    for row in table.itertuples():
        for reference in files.split(row.files):
            key = f"{reference.path}#{reference.plane}"
            if key in seen:
                continue
            seen.add(key)
            image = images.read(root / reference.path, reference.plane)
            assert image.dtype in (np.uint8, np.uint16, np.float32)
            assert image.ndim in (2, 3)


@each_source
def test_order_of_the_listing_does_not_matter(name, made, monkeypatch):
    root, table = made(name).root, made(name).table
    listed = list(tree_module._list_local(str(root), []))
    monkeypatch.setattr(tree_module, "_list_local", lambda *_: iter(listed[::-1]))
    assert_same(sources.get(name).table(root), table)
    turned = listed[1::2] + listed[::2]
    monkeypatch.setattr(tree_module, "_list_local", lambda *_: iter(turned))
    assert_same(sources.get(name).table(root), table)


@each_source
def test_an_outer_folder_changes_no_key(name, made, tmp_path):
    tree_of(name).make(tmp_path / "my download" / "v1")
    assert_same(sources.get(name).table(tmp_path), made(name).table, "files")


@each_source
def test_a_file_less_changes_no_other_row(name, made, tmp_path):
    """The same as one file more; `idx`, a number for people, may move."""
    tree, table = tree_of(name), made(name).table
    tree.make(tmp_path)
    spare = getattr(tree, "SPARE", table["key"].iloc[-1])
    paths = {ref.path for ref in files.split(table.set_index("key").loc[spare, "files"])}
    gone = table["files"].map(lambda text: any(r.path in paths for r in files.split(text)))
    for path in paths:
        (tmp_path / path).unlink()
    assert_same(sources.get(name).table(tmp_path), table[~gone], "idx")


@each_source
def test_by_field_every_file_is_still_used_once(name, made):
    root, table = made(name).root, made(name).table
    by_field = sources.get(name).table(root, rows="field")

    def used(rows: pd.DataFrame) -> list[str]:
        return sorted(str(r) for text in rows["files"] for r in files.split(text))

    if sources.get(name).rows == "channel":
        assert used(by_field) == used(table)
    tables.check(by_field, "rows")


@each_source
def test_a_foreign_tree_is_named(name, tmp_path):
    for path in FOREIGN:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"")
    with pytest.raises(errors.SourceLayoutError) as caught:
        sources.get(name).table(tmp_path)
    message = str(caught.value)
    assert name in message
    assert sources.get(name).homepage in message
    assert sum(path in message for path in FOREIGN) == 3


@each_source
@pytest.mark.parametrize("there", [True, False])
def test_an_empty_or_missing_folder_is_named(name, there, tmp_path):
    root = tmp_path / "empty"
    if there:
        root.mkdir()
    with pytest.raises(errors.SourceLayoutError, match=re.escape(str(root))):
        sources.get(name).table(root)
