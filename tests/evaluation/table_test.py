from __future__ import annotations

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation.table import FeatureTable, fuse, stack

KEYS = ["b/2", "a/1", "é|#%", "c"]
FEATURES = np.arange(8, dtype=np.float32).reshape(4, 2)
ABOUT = {"dataset": "coos7", "weights": "random"}


def table(keys=KEYS, features=FEATURES, about=ABOUT):
    return FeatureTable.of(keys, features, about)


def test_rows_are_sorted_by_key():
    found = table()
    assert found.keys.tolist() == sorted(KEYS)
    assert found.features.tolist() == [[2, 3], [0, 1], [6, 7], [4, 5]]


def test_rows_by_key():
    assert table().rows(["c", "a/1", "c"]).tolist() == [[6, 7], [2, 3], [6, 7]]


@pytest.mark.parametrize("absent", ["", "zzz", "a/10", "A/1"])
def test_absent_keys_are_named(absent):
    with pytest.raises(errors.TableError, match=f"1 of 2 images have no features: {absent}"):
        table().rows(["c", absent])


def test_absent_keys_of_an_empty_table():
    with pytest.raises(errors.TableError, match="1 of 1 images"):
        FeatureTable.of([], np.empty((0, 3))).rows(["a"])


def test_saved_and_loaded(tmp_path):
    path = tmp_path / "new" / "features.parquet"
    table().save(path)
    found = FeatureTable.load(path)
    assert found.keys.tolist() == sorted(KEYS)
    np.testing.assert_array_equal(found.features, table().features)
    assert (found.about, found.features.dtype) == (ABOUT, np.float32)
    assert [p.name for p in path.parent.iterdir()] == ["features.parquet"]


def test_the_file_does_not_depend_on_the_order(tmp_path):
    table().save(tmp_path / "one")
    table(KEYS[::-1], FEATURES[::-1], dict(reversed(ABOUT.items()))).save(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_no_table_of_features(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(errors.TableError, match="There is no file"):
        FeatureTable.load(tmp_path / "absent")
    (tmp_path / "text").write_text("key")
    with pytest.raises(errors.TableError, match="no Parquet file"):
        FeatureTable.load(tmp_path / "text")
    pq.write_table(pa.table({"key": ["a"]}), tmp_path / "columns")
    with pytest.raises(errors.TableError, match=r"columns \['key'\], expected key and features"):
        FeatureTable.load(tmp_path / "columns")
    pq.write_table(pa.table({"key": ["a"], "features": [[1.0]]}), tmp_path / "lists")
    with pytest.raises(errors.TableError, match="expected lists of one fixed length"):
        FeatureTable.load(tmp_path / "lists")


@pytest.mark.parametrize(
    ("keys", "features", "message"),
    [
        (["a"], [[1.0], [2.0]], r"1 key needs features of shape \[1, D\], not \[2, 1\]"),
        (["a"], [1.0], r"not \[1\]"),
        (["a", "b", "a"], np.ones((3, 1)), "1 key occurs more than once: a"),
        (["a", ""], np.ones((2, 1)), "1 key is empty"),
    ],
)
def test_wrong_tables_are_named(keys, features, message):
    with pytest.raises(errors.TableError, match=message):
        FeatureTable.of(keys, features)


def test_fused_by_key_not_by_place():
    """The rows of the second table come in another order, as from another process."""
    other = FeatureTable.of(KEYS[::-1], 10 * FEATURES[::-1], {"weights": "imagenet"})
    fused = fuse([table(), other])
    assert fused.rows(["a/1"]).tolist() == [[2, 3, 20, 30]]
    assert fused.about == {"dataset": "coos7 + ?", "weights": "random + imagenet"}


def test_other_images_are_not_fused():
    other = FeatureTable.of([*KEYS[:3], "d"], FEATURES)
    with pytest.raises(errors.TableError) as caught:
        fuse([table(), other])
    assert "1 key is in table 0 but not in table 1: c" in str(caught.value)
    assert "1 key is in table 1 but not in table 0: d" in str(caught.value)


def test_parts_are_stacked():
    parts = [table(KEYS[:1], FEATURES[:1]), table(KEYS[1:], FEATURES[1:])]
    for order in (parts, parts[::-1]):
        found = stack(order)
        assert found.keys.tolist() == table().keys.tolist()
        np.testing.assert_array_equal(found.features, table().features)
        assert found.about == ABOUT


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (table(), "4 keys occur more than once"),
        (table(["x"], [[1.0]]), "Table 1 has 1 feature, table 0 has 2"),
        (table(["x"], [[1.0, 2.0]], {"weights": "other"}), "Table 1 is about"),
    ],
)
def test_parts_of_another_table(other, message):
    with pytest.raises(errors.TableError, match=message):
        stack([table(), other])


@pytest.mark.parametrize("join", [fuse, stack])
def test_nothing_to_join(join):
    with pytest.raises(errors.TableError, match="There is no table"):
        join([])
