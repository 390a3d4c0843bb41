"""Counting examples for the card."""

from __future__ import annotations

import card_data

from cytoimagenet_tfds.card import facts, tally


def _counted(*examples):
    counts = tally.Tally()
    for split, example in examples:
        counts.add(split, example.values, example.size)
    return counts


def test_counts_by_class_source_and_licence():
    counts = _counted(
        ("train", card_data.example("a", 0)),
        ("train", card_data.example("a", 4)),
        ("validation", card_data.example("bb", 2)),
    )
    assert counts.images == 3
    assert counts.labels == {("a", "train"): 2, ("bb", "validation"): 1}
    assert counts.sources == {("bbbc006", "CC0-1.0"): 2, ("rec_rxrx1", "CC-BY-NC-SA-4.0"): 1}
    assert [(one["licence"], one["commercial"]) for one in facts._licences(counts)] == [
        ("CC0-1.0", "yes"), ("CC-BY-NC-SA-4.0", "no"),
    ]  # fmt: skip


def test_a_group_in_two_splits_is_found():
    same = {"group": "well:A01"}
    counts = _counted(
        ("train", card_data.example("a", 0, **same)),
        ("train", card_data.example("a", 1, **same)),
        ("train", card_data.example("a", 2, group="well:A02")),
    )
    assert counts.groups == (2, 0)
    counts.add("validation", card_data.example("a", 3, **same).values, (1, 1))
    assert counts.groups == (2, 1)


def test_sides_are_those_of_the_longer_side():
    sides = [card_data.example("a", n, side=side) for n, side in enumerate((20, 40, 60))]
    counts = _counted(*(("train", one) for one in sides))
    assert counts.side_quantiles() == {"least": 30, "median": 60, "greatest": 90}


def test_nothing_counted():
    assert tally.Tally().side_quantiles() == {}
    assert tally.Tally().images == 0
