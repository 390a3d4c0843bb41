from __future__ import annotations

import numpy as np
import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.build import division, work


def _plan(numbers, **values):
    return plans.plan([{"files": f"images/{number:04d}.png", **values} for number in numbers])


@given(st.integers(1, 60), st.integers(1, 9))
def test_every_row_is_in_exactly_one_chunk(count, mean):
    divided = division.divide(_plan(range(count)), mean, "pixels")
    assert divided.starts[0] == 0
    assert divided.starts[-1] == count
    lengths = np.diff(divided.starts)
    assert lengths.min() >= 1
    assert lengths.max() <= 2 * mean
    assert len(set(divided.names)) == len(divided.names) == len(lengths)


def test_one_more_file_changes_the_chunk_it_falls_into_and_no_other():
    before = division.divide(_plan(range(0, 2000, 2)), 20, "pixels")
    after = division.divide(_plan([*range(0, 2000, 2), 901]), 20, "pixels")
    assert len(before.names) > 20
    assert len(set(before.names) - set(after.names)) == 1


def test_names_depend_on_rows_and_on_pixel_settings_only():
    names = division.divide(_plan(range(9)), 4, "pixels").names
    assert division.divide(_plan(range(9)), 4, "others").names != names
    assert division.divide(_plan(range(9), crops=2), 4, "pixels").names != names
    assert division.divide(_plan(range(9), compound="dmso"), 4, "pixels").names == names
    shuffled = _plan(range(9)).sample(frac=1, random_state=1)
    assert division.divide(shuffled, 4, "pixels").names == names


def test_a_chunk_never_holds_two_sources():
    rows = [{"files": "a.png", "dir_name": name, "key": f"{name}/a.png"} for name in "abc"]
    assert division.divide(plans.plan(rows), 100, "pixels").starts == (0, 1, 2, 3)


@pytest.mark.parametrize("count", [1, 130])
def test_workers_read_the_rows_of_their_chunk(tmp_path, monkeypatch, count):
    monkeypatch.setattr(division, "CHUNKS_PER_PART", 8)
    folder = work.WorkFolder(str(tmp_path))
    plan = _plan(range(count))
    divided = division.divide(plan, 3, "pixels")
    division.write(divided, folder)
    keys, members = [], list(divided.members())
    for number, name in enumerate(divided.names):
        read_name, rows = division.read(folder, divided.digest, number)
        assert read_name == name
        assert tuple(rows.columns) == division.RENDER_COLUMNS
        keys += rows["key"].tolist()
        assert members[number][0] == number
        assert members[number][2] == rows["key"].tolist()
        assert plan["key"].take(members[number][1]).tolist() == rows["key"].tolist()
    assert keys == plan.sort_values(["dir_name", "files", "key"])["key"].tolist()


def test_a_column_of_repeated_values_gives_the_same_chunks():
    rows = [{"files": f"{n % 7}.png", "dir_name": d, "key": f"{d}/{n:03d}"}
            for d in ("b", "a", "B") for n in range(40)]  # fmt: skip
    plan = plans.plan(rows)
    one = division.divide(plan, 5, "pixels")
    compact = plan.astype(dict.fromkeys(("dir_name", "files", "missing"), "category"))
    other = division.divide(compact, 5, "pixels")
    assert one.names == other.names
    assert one.order.tolist() == other.order.tolist()
    assert plan["dir_name"].take(one.order).is_monotonic_increasing


@given(st.integers(0, 400), st.integers(1, 40))
def test_a_chunk_ends_by_the_hash_of_a_key_or_after_twice_the_mean(count, mean):
    plan = plans.plan([{"files": f"{n:03d}.tif"} for n in range(count)])
    divided = division.divide(plan, mean, "")
    keys = [plan["key"][row] for row in divided.order]
    chances = hashing.hash_keys(0, "chunk", keys)
    wanted = [0] if count else []
    for row in range(1, count):
        if chances[row - 1] % np.uint64(mean) == 0 or row - wanted[-1] >= 2 * mean:
            wanted.append(row)
    assert divided.starts == (*wanted, count)
