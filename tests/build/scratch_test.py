"""Rows on the disk: sorted, joined and read in pieces."""

from __future__ import annotations

import errno
import os
import sqlite3

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import plan_table, scratch

RECORD = np.dtype([("a", "i4"), ("b", "f8")])


def _records(count):
    found = np.zeros(count, RECORD)
    found["a"], found["b"] = np.arange(count), np.arange(count) / 3
    return found


def test_rows_come_sorted_and_in_pieces():
    store = scratch.Store()
    store.run("CREATE TABLE one (number INTEGER, data BLOB)")
    count = 2 * plan_table.SLICE + 1
    records = _records(count)
    store.add("one", range(count), scratch.blobs(records))
    pieces = list(store.pieces("SELECT data FROM one ORDER BY number DESC"))
    assert [len(piece) for piece in pieces] == [plan_table.SLICE, plan_table.SLICE, 1]
    found = scratch.records([data for piece in pieces for (data,) in piece], RECORD)
    np.testing.assert_array_equal(found, records[::-1])
    assert store.value("SELECT count(*) FROM one WHERE number < ?", 3) == 3
    assert list(store.rows("SELECT number FROM one WHERE number < 2")) == [(0,), (1,)]


def test_nothing_is_left_in_the_folder(tmp_path):
    store = scratch.Store(tmp_path)
    store.run("CREATE TABLE one (text TEXT)")
    store.add("one", ["x" * 10_000] * 10_000)  # far more than is kept in memory
    spooled = scratch.Spooled(RECORD, tmp_path)
    spooled.append(_records(5))
    assert list(tmp_path.iterdir()) == []
    assert store.value("SELECT count(*) FROM one") == 10_000
    assert len(spooled) == 5


@hypothesis.given(st.lists(st.integers(0, 9)), st.integers(0, 60), st.integers(0, 60))
def test_slices_of_an_array_on_the_disk(counts, start, end):
    whole = _records(sum(counts))
    spooled = scratch.Spooled(RECORD)
    first = 0
    for count in counts:
        spooled.append(whole[first : first + count])
        first += count
    assert len(spooled) == len(whole)
    np.testing.assert_array_equal(spooled[start:end], whole[start:end])
    np.testing.assert_array_equal(spooled[:], whole)


def test_pieces_are_the_same_wherever_an_array_is():
    whole = _records(plan_table.SLICE + 7)
    spooled = scratch.Spooled(RECORD)
    spooled.append(whole)
    for one, other in zip(scratch.pieces(spooled), scratch.pieces(whole), strict=True):
        assert len(one) <= plan_table.SLICE
        np.testing.assert_array_equal(one, other)


@hypothesis.given(st.lists(st.integers(0, 2**64 - 1)))
def test_signed_hashes_have_the_order_of_unsigned_ones(values):
    hashes = np.array(values, np.uint64)
    np.testing.assert_array_equal(np.argsort(scratch.signed(hashes)), np.argsort(hashes))


def test_a_full_disk_says_what_to_do(monkeypatch):
    store = scratch.Store()
    store.run("PRAGMA max_page_count = 4")
    store.run("CREATE TABLE one (text TEXT)")
    with pytest.raises(errors.BuildError, match="The disk is full"):
        store.add("one", ["x" * 10_000] * 100)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.run("DROP TABLE other")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(errors.BuildError, match="The disk is full"):
        scratch.Spooled(RECORD).append(_records(1))


def test_a_column_of_records_keeps_its_numbers_alone():
    records = _records(plan_table.SLICE + 3)
    spooled = scratch.Spooled(RECORD)
    spooled.append(records)
    found = scratch.joined((piece["a"] for piece in scratch.pieces(spooled)), len(records), "i4")
    np.testing.assert_array_equal(found, records["a"])
    assert found.base is None
    assert found.nbytes == 4 * len(records)
