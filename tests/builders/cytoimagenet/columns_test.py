"""Columns that grow piece by piece."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa

from cytoimagenet_tfds.builders.cytoimagenet.published import columns

PIECES = st.lists(st.lists(st.integers(-(2**40), 2**40)))


@hypothesis.given(PIECES)
def test_numbers_are_kept_in_the_smallest_type(pieces):
    numbers = columns.Numbers()
    for piece in pieces:
        numbers.add(piece)
    found = numbers.array()
    wanted = [number for piece in pieces for number in piece]
    assert found.tolist() == wanted
    if wanted:
        assert found.dtype.kind in "iu"
        ends = [np.min_scalar_type(end) for end in (min(wanted), max(wanted))]
        assert found.dtype.itemsize <= np.promote_types(*ends).itemsize
    assert numbers.array().tolist() == []


def test_numbers_in_several_blocks(monkeypatch):
    monkeypatch.setattr(columns, "_BLOCK", 4)
    numbers = columns.Numbers()
    for start in range(0, 300, 3):
        numbers.add(range(start, start + 3))
    found = numbers.array()
    assert found.tolist() == list(range(300))
    assert found.dtype == np.uint16


def test_fractions_are_float32():
    numbers = columns.Numbers()
    numbers.add([0.5, float("nan")])
    numbers.add([0.25])
    found = numbers.array()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([0.5, np.nan, 0.25], np.float32))


@hypothesis.given(st.lists(st.lists(st.sampled_from("aAbBc "))))
def test_codes_hold_each_value_once(pieces):
    codes = columns.Codes()
    for piece in pieces:
        codes.add(pd.Series(piece, dtype="str"), str.lower)
    column = codes.column()
    wanted = [value.lower() for piece in pieces for value in piece]
    assert column.to_pylist() == wanted
    assert column.dictionary.to_pylist() == list(dict.fromkeys(wanted))


def test_more_values_than_a_byte_holds():
    codes = columns.Codes()
    values = [str(number) for number in range(40_000)]
    codes.add(pd.Series(values, dtype="str"))
    column = codes.column()
    assert column.to_pylist() == values
    assert column.indices.type == pa.int32()


@hypothesis.given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"))))
def test_pairs_are_counted(rows):
    first, second = (
        pa.array([row[n] for row in rows], pa.string()).dictionary_encode() for n in (0, 1)
    )
    found = columns.pairs(first, second)
    assert dict(found) == {row: rows.count(row) for row in set(rows)}
    assert len(found) == len(set(rows))


def test_values_that_become_one():
    column = pa.array(["a", "B", "b", "a"]).dictionary_encode()
    merged = columns.merged(column, str.lower)
    assert merged.to_pylist() == ["a", "b", "b", "a"]
    assert merged.dictionary.to_pylist() == ["a", "b"]
    assert columns.where(merged, lambda value: value == "b").tolist() == [False, True, True, False]
    assert columns.changed(column, str.upper).to_pylist() == ["A", "B", "B", "A"]
    kept = columns.only(column, np.array([True, False, False, True]))
    assert kept.to_pylist() == ["a", None, None, "a"]
