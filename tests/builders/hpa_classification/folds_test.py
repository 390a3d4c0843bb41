from __future__ import annotations

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.hpa_classification import folds

pytest.importorskip("iterstrat", reason="needs the extra hpa")


def made(count=300, seed=0):
    rng = np.random.default_rng(seed)
    targets = (rng.random((count, 5)) < [0.6, 0.4, 0.2, 0.1, 0.03]).astype(np.uint8)
    return targets, [f"g{n // 2}" if n < 100 else f"g{n}" for n in range(count)]


def test_a_group_is_never_divided_and_every_fold_has_its_share():
    targets, groups = made()
    places = folds.assign(targets, groups, 5, 0)
    for group in set(groups):
        members = [place for place, name in zip(places, groups, strict=True) if name == group]
        assert len(set(members)) == 1
    assert np.bincount(places).min() > 45
    assert folds.largest_gap(targets, places, minimum=10) < 0.08


def test_order_of_the_images_changes_nothing_and_the_seed_does():
    targets, groups = made()
    places = folds.assign(targets, groups, 5, 0)
    order = np.random.default_rng(1).permutation(len(groups))
    again = folds.assign(targets[order], [groups[n] for n in order], 5, 0)
    np.testing.assert_array_equal(again, places[order])
    assert (folds.assign(targets, groups, 5, 1) != places).any()


def test_more_folds_than_groups_is_an_error():
    targets, groups = made(4)
    with pytest.raises(errors.ConfigError, match="cannot be divided into 3 folds"):
        folds.assign(targets, groups, 3, 0)


def test_the_gap_is_that_of_the_worst_label_with_enough_images():
    targets = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], dtype=np.uint8)
    places = np.array([0, 0, 1, 1])
    assert folds.largest_gap(targets, places, minimum=2) == 0.5
    assert folds.largest_gap(targets, places, minimum=3) == 0.0
