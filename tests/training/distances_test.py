from __future__ import annotations

import itertools

import numpy as np
import pytest

from cytoimagenet_tfds.curation import subsets
from cytoimagenet_tfds.training import distances


def _cosine(one, other):
    return 1 - one @ other / np.linalg.norm(one) / np.linalg.norm(other)


@pytest.fixture(scope="module")
def drawn():
    generator = np.random.default_rng(0)
    labels = ["b"] * 7 + ["a"] * 5 + ["c"]
    return generator.normal(size=(13, 6)) + 0.5, labels


def test_means_and_deviations_are_those_of_all_pairs(drawn):
    features, labels = drawn
    table = distances.class_distances(features, labels).set_index("label")
    assert table.index.tolist() == ["a", "b", "c"]
    for label, row in table.iterrows():
        mine = [f for f, name in zip(features, labels, strict=True) if name == label]
        others = [f for f, name in zip(features, labels, strict=True) if name != label]
        between = [_cosine(one, other) for one in mine for other in others]
        assert row["between"] == pytest.approx(np.mean(between))
        assert row["between_sd"] == pytest.approx(np.std(between))
        within = [_cosine(one, other) for one, other in itertools.combinations(mine, 2)]
        if within:
            assert row["within"] == pytest.approx(np.mean(within))
            assert row["within_sd"] == pytest.approx(np.std(within))
    assert np.isnan(table.loc["c", ["within", "within_sd"]].astype(float)).all()
    assert table["images"].tolist() == [5, 7, 1]


def test_many_pairs_are_sampled_with_a_seed():
    generator = np.random.default_rng(1)
    features, labels = generator.normal(size=(400, 4)), ["a"] * 200 + ["b"] * 200
    one = distances.class_distances(features, labels, seed=1)
    assert one.equals(distances.class_distances(features, labels, seed=1))
    other = distances.class_distances(features, labels, seed=2)
    assert one["within"].tolist() == other["within"].tolist()
    assert one["within_sd"].tolist() != other["within_sd"].tolist()
    assert one["within_sd"].tolist() == pytest.approx(other["within_sd"].tolist(), rel=0.05)


def test_pairs_are_different_and_of_the_right_classes():
    generator = np.random.default_rng(0)
    first, second = distances._within_pairs(200, generator)
    assert (first < second).all()
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == distances.MOST_PAIRS
    mine, others = distances._between_pairs(150, 300, generator)
    assert mine.max() < 150
    assert others.max() < 300
    assert len(set(zip(mine.tolist(), others.tolist(), strict=True))) == distances.MOST_PAIRS


def test_images_are_chosen_by_key_whatever_their_order():
    keys = [f"k{n}" for n in range(50)]
    labels = ["a" if n % 5 else "b" for n in range(50)]
    chosen = {keys[n] for n in distances.choose(keys, labels, 12)}
    assert len(chosen) == 12 + 10
    turned = distances.choose(keys[::-1], labels[::-1], 12)
    assert {keys[::-1][n] for n in turned} == chosen
    assert {keys[n] for n in distances.choose(keys, labels, 12, seed=1)} != chosen


def test_the_subset_by_distance_takes_the_table(drawn):
    table = distances.class_distances(*drawn)
    middle = float(table["between"].sort_values().iloc[1])
    expected = tuple(table.loc[table["between"] > middle, "label"])
    assert subsets.distant(table, middle) == expected
    assert len(expected) == 1


def test_a_vector_of_zeros_is_refused():
    with pytest.raises(ValueError, match="1 of 3 feature vectors"):
        distances.class_distances(np.array([[1.0, 0], [0, 0], [1, 1]]), ["a", "a", "b"])
