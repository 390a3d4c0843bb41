from __future__ import annotations

import pandas as pd
import pytest
from trees import bbbc006

from cytoimagenet_tfds import errors, schema, sources, tables


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    root = tmp_path_factory.mktemp("bbbc006")
    bbbc006.make(root)
    return sources.get("bbbc006").table(root)


@pytest.fixture
def copy(table):
    return table.copy()


def test_a_table_comes_back_with_its_missing_values(copy, tmp_path):
    copy.loc[0, "concentration"] = 0.1
    copy.loc[1, "bit_depth"] = -1
    path = tmp_path / "new folder" / "rows.parquet"
    tables.write(copy, path, "rows", {"made by": "test"})
    found, metadata = tables.read_with_metadata(path, "rows")
    pd.testing.assert_frame_equal(found, copy)
    assert found["concentration"].isna().sum() == len(copy) - 1
    assert set(found["compound"]) == {""}
    assert metadata == {"made by": "test", "cytoimagenet": "rows"}
    assert [file.name for file in path.parent.iterdir()] == ["rows.parquet"]


def test_a_table_without_rows_comes_back(copy, tmp_path):
    tables.write(copy.iloc[:0], tmp_path / "rows.parquet", "rows")
    found = tables.read(tmp_path / "rows.parquet", "rows")
    assert len(found) == 0
    assert tuple(found.columns) == schema.names("rows")


def test_the_file_has_the_columns_of_its_kind_alone(copy, tmp_path):
    tables.write(copy.assign(further=1)[::-1], tmp_path / "rows.parquet", "rows")
    found = tables.read(tmp_path / "rows.parquet", "rows")
    assert tuple(found.columns) == schema.names("rows")
    assert list(found["key"]) == list(copy["key"][::-1])


def test_check_names_all_problems_at_once(copy):
    bad = copy.drop(columns="group").assign(
        bit_depth=1.5, segmented="no", concentration="high", key=copy["key"].iloc[0]
    )
    bad["compound"] = bad["compound"].mask(bad.index == 3)
    with pytest.raises(errors.TableError) as caught:
        tables.check(bad, "rows", "rows.parquet")
    heading, *problems = str(caught.value).splitlines()
    assert heading == "rows.parquet is no table of rows:"
    for expected in (
        "'group' is missing", "'bit_depth' is float64, expected int", "'segmented' is str",
        "'concentration' is str", "'compound' has 1 missing value", "15 keys stand more than once",
    ):  # fmt: skip
        assert sum(expected in problem for problem in problems) == 1, expected
    assert len(problems) == 6


def test_a_bad_table_is_not_written(copy, tmp_path):
    with pytest.raises(errors.TableError, match="'key' is missing"):
        tables.write(copy.drop(columns="key"), tmp_path / "rows.parquet", "rows")
    assert list(tmp_path.iterdir()) == []


def test_a_row_table_is_no_plan(copy, tmp_path):
    tables.write(copy, tmp_path / "rows.parquet", "rows")
    with pytest.raises(errors.TableError, match=r"rows\.parquet is no table of plan:\n.*'label'"):
        tables.read(tmp_path / "rows.parquet", "plan")


@pytest.mark.parametrize("content", [b"", b"key,idx\n", b"PAR1"])
def test_a_file_that_is_no_parquet_is_named(tmp_path, content):
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    with pytest.raises(errors.TableError, match=r"rows\.parquet is no Parquet file"):
        tables.read(path, "rows")


def test_a_cut_file_is_named(copy, tmp_path):
    path = tmp_path / "rows.parquet"
    tables.write(copy, path, "rows")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(errors.TableError, match=r"rows\.parquet is no Parquet file"):
        tables.read(path, "rows")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.TableError, match="There is no file"):
        tables.read(tmp_path / "rows.parquet", "rows")
