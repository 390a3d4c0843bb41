"""Columns that come piece by piece."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa

from cytoimagenet_tfds.builders.cytoimagenet.published import columns


@hypothesis.given(st.lists(st.lists(st.sampled_from("aAbBc "))))
def test_codes_hold_each_value_once(pieces):
    codes = columns.Codes()
    numbers = [codes.add(pd.Series(piece, dtype="str"), str.lower) for piece in pieces]
    column = codes.of(np.concatenate([np.empty(0, np.int32), *numbers]))
    wanted = [value.lower() for piece in pieces for value in piece]
    assert column.to_pylist() == wanted
    assert column.dictionary.to_pylist() == codes.values() == list(dict.fromkeys(wanted))


def test_a_column_has_the_values_of_later_pieces_as_well():
    codes = columns.Codes()
    first = codes.add(pd.Series(["x"], dtype="str"))
    assert codes.of(first).to_pylist() == ["x"]
    second = codes.add(pd.Series(["y", "x"], dtype="str"))
    assert codes.of(second).to_pylist() == ["y", "x"]


@hypothesis.given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"))))
def test_pairs_are_counted(rows):
    first, second = (
        pa.array([row[n] for row in rows], pa.string()).dictionary_encode() for n in (0, 1)
    )
    found = columns.pairs(first, second)
    assert dict(found) == {row: rows.count(row) for row in set(rows)}
    assert len(found) == len(set(rows))


@hypothesis.given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**31 - 1)))))
def test_pairs_of_numbers_are_counted_over_pieces(pieces):
    counted = columns.Pairs()
    for piece in pieces:
        found = np.array(piece, np.int32).reshape(-1, 2)
        counted.add(found[:, 0], found[:, 1])
    rows = [row for piece in pieces for row in piece]
    assert counted.counts() == {row: rows.count(row) for row in rows}
    assert list(counted.counts()) == sorted(set(rows))
