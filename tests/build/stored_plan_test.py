"""A plan on the disk gives what one in memory gives, whatever rows are asked for."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import numpy as np
import plans
import pyarrow as pa
import pytest

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import division, plan_table, scratch, selection, stored_plan, work
from cytoimagenet_tfds.build.rendered import IMAGE

NUMBERS = np.dtype([("crops", "i4"), ("source", "i1")])
SOURCES = ("toy", "Ünlü")
COUNT = 400


def _make(numbers, texts, names):
    blank = {c.name: c.missing for c in schema.columns("plan")}
    kinds = {c.name: c.kind for c in schema.columns("plan")}
    types = {"int": pa.int32(), "float": pa.float32(), "bool": pa.bool_()}
    own = {
        "key": texts["key"], "files": texts["files"], "crops": pa.array(numbers["crops"]),
        "dir_name": pa.array(SOURCES).take(pa.array(numbers["source"])),
        "split": pa.array(["train"] * len(numbers), pa.string()),
    }  # fmt: skip
    return pa.table({
        name: own.get(
            name, pa.repeat(pa.scalar(blank[name], types.get(kinds[name])), len(numbers))
        )
        for name in names
    })  # fmt: skip


def _plans(count=COUNT):
    """The same plan in memory and on the disk."""
    rows = [
        {"files": f"{'µ' * (number % 3)}{number:04d}.png", "dir_name": SOURCES[number % 2],
         "crops": number % 4, "idx": "", "key": f"k/{number:04d}"}
        for number in range(count)
    ]  # fmt: skip
    plan = plans.plan(rows)
    stored = stored_plan.Rows(NUMBERS, ("key", "files"))
    for start in range(0, count, 150):
        part = plan.iloc[start : start + 150]
        numbers = np.zeros(len(part), NUMBERS)
        numbers["crops"] = part["crops"]
        numbers["source"] = part["dir_name"].map(SOURCES.index)
        stored.append(numbers, part["key"].tolist(), part["files"].tolist())
    names = schema.names("plan")
    # 'Ünlü' is behind 'toy'; within a source the files are not in the order of the keys.
    return plan, stored_plan.StoredPlan(stored, _make, names, {"dir_name": "source"})


PLAN, STORED = _plans()


@hypothesis.given(st.lists(st.integers(0, COUNT - 1)))
def test_rows_in_any_order(rows):
    chosen = np.array(rows, np.int64)
    names = ["files", "key", "crops", "dir_name"]
    found = plan_table.take(STORED.select(names), chosen)
    assert found.column_names == names
    assert found.to_pandas().astype("object").equals(
        PLAN[names].iloc[rows].reset_index(drop=True).astype("object")
    )  # fmt: skip


def test_the_hash_of_a_plan_is_the_same_wherever_it_is():
    assert len(STORED) == COUNT
    assert plan_table.digest(STORED) == plan_table.digest(PLAN)
    assert plan_table.digest(_plans(COUNT - 1)[1]) != plan_table.digest(PLAN)


def test_order():
    assert STORED.order(["key"]).tolist() == list(range(COUNT))
    assert STORED.order(["dir_name", "key"]).tolist() == [*range(0, COUNT, 2), *range(1, COUNT, 2)]


def test_chunks_hold_the_rows_of_the_plan(tmp_path):
    divided = division.divide(STORED, 20, "pixels")
    folder = work.WorkFolder(str(tmp_path))
    division.write(divided, folder)
    keys = []
    for number, rows, names in divided.members():
        _, found = division.read(folder, divided.digest, number)
        assert found["key"].tolist() == names == PLAN["key"].iloc[rows].tolist()
        assert found["files"].tolist() == PLAN["files"].iloc[rows].tolist()
        keys += names
    assert sorted(keys) == PLAN["key"].tolist()


@pytest.fixture
def asked(monkeypatch):
    """How many rows of a plan, and records of an array, were in memory at once."""
    found = []
    take, runs = stored_plan.Rows.take, scratch.Spooled.runs

    def counted_take(self, rows):
        found.append(len(rows))
        return take(self, rows)

    def counted_runs(self, starts, ends):
        records = runs(self, starts, ends)
        found.append(len(records))
        return records

    monkeypatch.setattr(stored_plan.Rows, "take", counted_take)
    monkeypatch.setattr(scratch.Spooled, "runs", counted_runs)
    return found


def test_few_rows_are_in_memory_whatever_their_number(asked, monkeypatch, tmp_path):
    monkeypatch.setattr(plan_table, "SLICE", 32)
    plan_table.digest(STORED)
    divided = division.divide(STORED, 5, "pixels")
    division.write(divided, work.WorkFolder(str(tmp_path)))
    list(divided.members())
    assert sum(asked) > 4 * COUNT
    # What nobody asked for is read along between two rows that are close.
    assert max(asked) <= 32 * stored_plan._GAP


def test_the_first_images_of_a_split_that_is_on_the_disk():
    images, chances = STORED.spool(IMAGE), STORED.spool(np.dtype("i8"))
    made = np.zeros(50, IMAGE)
    made["row"] = np.arange(50)
    images.append(made)
    chances.append(np.arange(50))
    chosen = selection.Selection(
        STORED, ("c",), images, np.repeat([0, 1], [30, 20]).astype("i1"), ("train", "validation"),
        chances, lambda rows, numbers: ([], []), np.zeros((50, 2), "i4"), (), {},
    )  # fmt: skip
    few = selection.first(chosen, 3)
    assert few.images["row"].tolist() == [0, 1, 2, 30, 31, 32]
    assert few.chances.tolist() == [0, 1, 2, 30, 31, 32]
    assert few.sizes() == {"train": 3, "validation": 3}
    assert selection.first(chosen, None) is chosen
