from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import not_same_compound, profiles


def angles(*degrees: float) -> np.ndarray:
    """Profiles whose cosine distance is told by their angle."""
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


PROFILES = angles(0, 1, 5, 40, 44)
COMPOUND = ["a", "a", "b", "c", "d"]
MOA = ["x", "x", "x", "y", "y"]


def test_neighbours_of_the_same_compound_do_not_count():
    found = not_same_compound(PROFILES, MOA, COMPOUND)
    assert found.neighbours.tolist() == [2, 2, 1, 4, 3]
    assert (found.hits, found.total, found.accuracy, found.left_out) == (5, 5, 1.0, ())


def test_without_batch_a_lonely_mechanism_is_a_miss():
    found = not_same_compound(PROFILES, ["x", "x", "x", "y", "z"], COMPOUND)
    assert (found.hits, found.total) == (3, 5)
    assert found.correct.tolist() == [True, True, True, False, False]


def test_with_batch_a_treatment_that_cannot_be_right_is_left_out():
    # c and d share their batch and are all there is of y.
    found = not_same_compound(PROFILES, MOA, COMPOUND, [1, 1, 2, 3, 3])
    assert (found.hits, found.total, found.left_out) == (3, 3, (3, 4))
    assert found.rows.tolist() == [0, 1, 2]
    assert found.neighbours.tolist() == [2, 2, 1]


def test_a_left_out_treatment_is_still_a_neighbour_of_others():
    found = not_same_compound(angles(0, 10, 2), ["x", "x", "y"], ["a", "b", "c"], ["1", "2", "3"])
    assert found.left_out == (2,)
    assert found.neighbours.tolist() == [2, 2]
    assert found.hits == 0


@pytest.mark.parametrize(
    "batch",
    [
        ["1", "1", "1", "2", "3"],
        [{"1", "2"}, {"1"}, {"1", "9"}, {"2"}, {"3"}],
        [["1"], ("1",), frozenset("1"), "2", {"3"}],
        [1, 1, 1, 2, 3],
        pd.Series(["1", "1", "1", "2", "3"], index=[5, 6, 7, 8, 9]),
    ],
)
def test_batches_clash_when_they_meet(batch):
    """x lies in batch 1 alone, so only y is left."""
    found = not_same_compound(PROFILES, MOA, COMPOUND, batch)
    assert found.left_out == (0, 1, 2)
    assert found.rows.tolist() == [3, 4]


def test_texts_are_labels_not_sets_of_letters():
    week = ["Week1", "Week1", "Week2", "Week3", "Week4"]
    assert not_same_compound(PROFILES, MOA, COMPOUND, week).total == 5


def test_of_equal_distances_the_lower_row_counts():
    found = not_same_compound(angles(10, 20, 0, 20), list("xyyx"), list("abcd"))
    assert found.neighbours.tolist() == [1, 3, 0, 1]


def test_order_of_treatments_changes_nothing():
    rng = np.random.Generator(np.random.PCG64(1))
    values, number = rng.normal(size=(40, 6)), np.arange(40)
    moa, compound = number % 5, number // 2
    order = rng.permutation(40)
    batch = [{int(n) % 3, 7 + int(n) % 4} for n in number]
    first = not_same_compound(values, moa, compound, batch)
    second = not_same_compound(values[order], moa[order], compound[order],
                               [batch[n] for n in order])  # fmt: skip
    assert (first.hits, first.total) == (second.hits, second.total)
    assert set(first.left_out) == set(order[list(second.left_out)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"compound": ["a"] * 5}, r"All 5 treatments are of one compound \(a\)"),
        ({"batch": ["1"] * 5}, "No treatment has a neighbour of its own mechanism"),
        ({"batch": ["1"] * 4}, "batch has 4 values, expected 5"),
        ({"batch": ["1", "", set(), None, "2"]}, r"Rows 1, 2, 3 of batch hold no batch"),
        ({"moa": ["x", "", None, "y", "y"]}, "moa is empty in rows 1, 2"),
        ({"moa": ["x"], "compound": ["a"]}, r"moa has 1 value,[\s\S]*compound has 1 value,"),
        ({"profiles": np.zeros((5, 2))}, "5 rows are zero"),
        ({"profiles": np.full((5, 2), np.nan)}, "profiles: 5 of 5 rows hold NaN"),
    ],
)
def test_wrong_input_is_named(change, message):
    arguments = {"profiles": PROFILES, "moa": MOA, "compound": COMPOUND} | change
    with pytest.raises(errors.CytoImageNetError, match=message):
        not_same_compound(**arguments)


def test_treatments_are_means_sorted_by_name():
    found = profiles.treatments(
        [[1.0], [5.0], [7.0], [3.0], [0.0]], ["b", "a", "a", "b", "a"], [1, 10, 2, 1.0, 10],
        ["x", "y", "y", "x", "y"], ["w1", "w2", "w2", "w3", "w2"],
    )  # fmt: skip
    assert found.compound == ("a", "a", "b")
    assert found.concentration == (2.0, 10.0, 1.0)
    assert found.profiles.tolist() == [[7.0], [2.5], [2.0]]
    assert found.moa == ("y", "y", "x")
    assert found.batch == ({"w2"}, {"w2"}, {"w1", "w3"})
    assert found.wells == (1, 2, 2)


def test_treatments_by_median():
    columns = ["a"] * 3, [1.0] * 3, ["x"] * 3, ["w"] * 3
    found = profiles.treatments([[1.0], [2.0], [9.0]], *columns, statistic="median")
    assert found.profiles.tolist() == [[2.0]]
    with pytest.raises(errors.ConfigError, match="no statistic 'mode'"):
        profiles.treatments([[1.0], [2.0], [9.0]], *columns, statistic="mode")


def test_a_treatment_with_two_mechanisms_is_named():
    with pytest.raises(errors.TableError, match=r"a at 0\.3 has the mechanisms x, y"):
        profiles.treatments([[1.0], [2.0]], "aa", [0.3, 0.3], "xy", "ww")
