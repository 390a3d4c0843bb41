from __future__ import annotations

import pytest

from cytoimagenet_tfds.build import identities

ROWS = [identities.Identity(f"key {n}", "", "folder", f"{n}.png", "é") for n in range(7)]


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_every_row_is_kept_in_order(monkeypatch, rows):
    monkeypatch.setattr(identities, "_ROWS", rows)
    found = identities.Identities()
    found.add("train", ROWS[:2])
    found.add("train", [])
    found.add("validation", ROWS[2:])
    table = found.table()
    splits = ["train"] * 2 + ["validation"] * 5
    assert table["split"].to_pylist() == splits
    assert list(zip(*table.drop_columns("split").to_pydict().values(), strict=True)) == ROWS


def test_no_rows_have_columns_too():
    table = identities.Identities().table()
    assert table.num_rows == 0
    assert table.column_names == ["split", *identities.Identity._fields]
