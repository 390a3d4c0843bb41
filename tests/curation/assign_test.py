"""Weak labels: exact tokens, rising counts, each row once."""

from __future__ import annotations

import pandas as pd
import pytest
import row_tables
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation import CurationConfig, assign, index, plan, vocabulary
from cytoimagenet_tfds.curation.assign import Assignment

_SMALL = {"min_images": 2, "target": 4, "cap": 8, "presample": 6, "crops_per_image": ((3, 2),)}
# One is a part of another, and others are patterns that would match more or nothing.
_TOKENS = ("actin", "actin inhibitor", "alpha-actinin", "a.tin", "c(1", "[x]", "2+", "*", "x|y", "")
_CELLS = st.lists(st.sampled_from(_TOKENS), max_size=3).map("|".join)
_ROWS = st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=1, max_size=60)


def _assign(rows: pd.DataFrame, config: CurationConfig) -> tuple[Assignment, dict[str, list[str]]]:
    words = vocabulary.chosen(config.vocabulary, config.replacements)
    found = index.LabelIndex(rows, config.categories or schema.CATEGORIES, words, config.seed)
    result = assign.assign(found, config)
    keys = rows["key"].to_numpy()[found.order]
    return result, {name: sorted(keys[m]) for name, (_, m) in result.classes.items()}


def _table(cells: list[tuple[str, str, str]]) -> pd.DataFrame:
    phenotype, compound, visible = zip(*cells, strict=True)
    return row_tables.make({"phenotype": phenotype, "compound": compound, "cell_visible": visible})


@given(_ROWS, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_what_holds_for_every_table(cells, seed):
    rows = _table(cells)
    config = CurationConfig(**_SMALL, seed=seed)
    result, members = _assign(rows, config)
    taken = [key for keys in members.values() for key in keys]
    assert len(taken) == len(set(taken))  # no row under two labels
    cells_of = rows.set_index("key")
    for name, (label, _) in result.classes.items():
        assert config.min_images <= len(members[name]) <= config.target
        for key in members[name]:
            assert name in schema.split_tokens(cells_of.loc[key, label.category])
    turns = [label.turn for label, _ in result.classes.values()]
    assert turns == sorted(turns)
    for entry in result.skipped:
        others = sum(count for _, count in entry.taken_by)
        assert entry.unused < config.min_images <= entry.label.count == entry.unused + others


@given(_ROWS)
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_exact_tokens(cells):
    rows = _table(cells)
    result, _ = _assign(rows, CurationConfig(**_SMALL))
    counted = {
        category: rows[category].map(lambda cell: sorted(set(schema.split_tokens(cell))))
        .explode().dropna().value_counts().to_dict()
        for category in ("cell_visible", "phenotype", "compound")
    }  # fmt: skip
    for label in result.labels:
        assert label.count == counted[label.category][label.label]
        places = {c: n[label.label] for c, n in counted.items() if label.label in n}
        assert label.count == max(places.values())
        assert dict(label.elsewhere) == {k: v for k, v in places.items() if k != label.category}
    assert {label.label for label in result.labels} == {t for n in counted.values() for t in n}


def test_labels_take_rows_in_rising_order_of_count():
    rows = row_tables.make({"phenotype": ["rare|common"] * 2 + ["common"] * 3})
    _, members = _assign(rows, CurationConfig(min_images=2))
    assert members == {"rare": ["a/0.tif", "a/1.tif"], "common": ["a/2.tif", "a/3.tif", "a/4.tif"]}


def test_ties_go_by_category_then_name():
    rows = row_tables.make({"organism": ["o"] * 3, "sirna": ["a"] * 3, "gene": ["b|a"] * 3})
    result, members = _assign(rows, CurationConfig(min_images=1))
    assert list(members) == ["o"]
    assert [s.label.label for s in result.skipped] == ["a", "b"]
    assert result.skipped[0].taken_by == (("o", 3),)


def test_rows_of_a_skipped_label_stay_free():
    phenotype = ["first"] * 3 + ["first|second"] * 2 + ["second|third"] * 4 + ["third"] * 3
    rows = row_tables.make({"phenotype": phenotype})
    result, members = _assign(rows, CurationConfig(min_images=5))
    assert {name: len(keys) for name, keys in members.items()} == {"first": 5, "third": 7}
    (skipped,) = result.skipped
    assert (skipped.label.label, skipped.unused, skipped.taken_by) == ("second", 4, (("first", 2),))


def test_a_label_in_two_columns_belongs_to_the_one_with_more_rows():
    rows = row_tables.make(
        {"phenotype": ["er"] * 2 + [""] * 3, "cell_visible": [""] * 2 + ["er"] * 3}
    )
    result, members = _assign(rows, CurationConfig(min_images=1))
    assert members == {"er": ["a/2.tif", "a/3.tif", "a/4.tif"]}
    assert result.classes["er"][0].elsewhere == (("phenotype", 2),)


@pytest.mark.parametrize(
    ("category", "rule", "presampled", "columns"),
    [
        ("gene", "labels", True, "organism cell_type cell_visible phenotype compound sirna"),
        ("organism", "labels", False, "cell_type cell_visible phenotype compound gene sirna"),
        ("gene", "reference", False, "organism cell_type cell_visible sirna compound phenotype"),
        ("sirna", "reference", False, "organism cell_type cell_visible phenotype"),
        ("compound", "reference", True, "cell_visible phenotype"),
        ("cell_type", "reference", True, "cell_visible sirna compound phenotype"),
    ],
)
def test_columns_of_the_second_step(category, rule, presampled, columns):
    found = assign.fine_columns(category, rule, presampled=presampled)
    assert found == tuple(columns.split())


def test_a_large_label_is_sampled_evenly_in_two_steps():
    # 60 rows of one dataset and 20 of another; in each half of the rows have one compound.
    rows = pd.concat([
        row_tables.make({"organism": ["human"] * 60, "compound": ["x", "y"] * 30}, "a"),
        row_tables.make({"organism": ["human"] * 20, "compound": ["x", "y"] * 10}, "b"),
    ], ignore_index=True)  # fmt: skip
    config = CurationConfig(min_images=50, target=50, cap=50, presample=60)
    _, members = _assign(rows, config)
    table = rows.set_index("key").loc[members["human"]]
    assert table["compound"].value_counts().to_dict() == {"x": 25, "y": 25}
    config = CurationConfig(min_images=50, target=60, cap=60, presample=60)
    _, members = _assign(rows, config)
    assert rows.set_index("key").loc[members["human"], "name"].value_counts().to_dict() == {
        "dataset a": 45, "dataset b": 15,
    }  # fmt: skip


@given(_ROWS, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_of_rows_means_nothing(cells, random):
    rows = _table([*cells, ("always", "here", ""), ("always", "here", "")])
    config = CurationConfig(**_SMALL)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = rows.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(plan(rows, config), plan(shuffled, config))


@given(_ROWS, st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_an_unrelated_source_leaves_the_rows_of_a_class_alone(cells, count):
    rows = _table([*cells, ("always", "here", ""), ("always", "here", "")])
    other = row_tables.make({"sirna": [f"s{i % 3}" for i in range(count)]}, "other")
    config = CurationConfig(**_SMALL)
    alone = plan(rows, config)
    both = plan(pd.concat([rows, other], ignore_index=True), config)
    mine = both[both["dir_name"] != "other"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, mine)
