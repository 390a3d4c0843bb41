from __future__ import annotations

import numpy as np
import pandas as pd
import plans
import pyarrow as pa
import pytest

from cytoimagenet_tfds import errors, tables
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.curation import plan_file


def _plan(count=300):
    rows = [{"files": f"{n:03d}.tif", "plate": f"p{n % 3}", "label": "b" if n % 2 else "a",
             "concentration": 1.5 if n % 5 else float("nan")} for n in range(count)]  # fmt: skip
    halves = [plans.plan(rows[: count // 2]), plans.plan(rows[count // 2 :])]
    return pd.concat(halves, ignore_index=True)


def test_columns_that_repeat_become_categories_and_nothing_else_changes():
    plan = _plan()
    compact = plan_table.compact(plan)
    kept = {name for name in plan if compact[name].dtype == plan[name].dtype}
    assert {"key", "files"} <= kept
    assert {"plate", "label", "organism", "database"}.isdisjoint(kept)
    for name in plan:
        pd.testing.assert_series_equal(compact[name].astype(plan[name].dtype), plan[name])
    assert compact["key"].array._pa_array.num_chunks == 1


def test_a_compact_plan_is_the_same_plan(tmp_path):
    plan = _plan()
    compact = plan_table.compact(plan)
    assert plan_file.digest(compact) == plan_file.digest(plan)
    tables.write(compact, tmp_path / "compact.parquet", "plan")
    tables.write(plan, tmp_path / "plan.parquet", "plan")
    pd.testing.assert_frame_equal(
        tables.read(tmp_path / "compact.parquet", "plan"),
        tables.read(tmp_path / "plan.parquet", "plan"),
    )


@pytest.mark.parametrize("change", [lambda plan: plan, plan_table.compact])
def test_taken_rows_are_plain(change):
    plan = _plan()
    taken = plan_table.take(plan_table.of(change(plan)), np.array([5, 0, 299]))
    assert {str(field.type) for field in taken.schema} <= {
        "large_string", "int32", "float", "bool",
    }  # fmt: skip
    assert taken["plate"].to_pylist() == ["p2", "p0", "p2"]
    assert taken["key"].to_pylist() == plan["key"].iloc[[5, 0, 299]].tolist()
    assert taken["concentration"].to_pylist() == [None, None, 1.5]


@pytest.mark.parametrize("change", [lambda plan: plan, plan_table.compact])
def test_codes_number_the_values_in_sorted_order(change):
    plan = plans.plan([{"files": f"{n}.tif", "label": text} for n, text in enumerate("cabac")])
    codes, names = plan_table.codes(plan_table.of(change(plan)), "label")
    assert names == ("a", "b", "c")
    assert codes.tolist() == [2, 0, 1, 0, 2]


@pytest.mark.parametrize("change", [lambda plan: plan, plan_table.compact])
def test_order_is_that_of_the_texts(change):
    names = ["b/é.tif", "B/z.tif", "b/e.tif", "b/細.tif", "a b.tif", "a/b.tif"] * 2
    plan = plans.plan([{"files": name, "key": f"k{n:02d}"} for n, name in enumerate(names)])
    table = plan_table.of(change(plan))
    order = plan_table.order(table, ("files", "key"))
    pairs = list(zip(plan["files"], plan["key"], strict=True))
    assert [pairs[row] for row in order] == sorted(pairs)


def test_slices_cover_every_row_once():
    bounds = list(plan_table.slices(plan_table.SLICE * 2 + 1))
    assert bounds[0] == (0, plan_table.SLICE)
    assert bounds[-1] == (2 * plan_table.SLICE, 2 * plan_table.SLICE + 1)
    assert list(plan_table.slices(0)) == []


def test_a_column_of_the_wrong_kind_is_still_told():
    plan = plan_table.compact(_plan()).assign(plate=pd.Categorical([1] * 300))
    with pytest.raises(errors.TableError, match="'plate' is category"):
        tables.check(plan, "plan")


def test_an_empty_plan_stays_empty():
    assert plan_table.compact(_plan().iloc[:0]).empty
    assert pa.types.is_large_string(plan_table.of(_plan())["key"].type)
