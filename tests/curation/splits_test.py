"""Splits: whole groups, every class on both sides, the wanted share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds.curation import splits


def _split(labels, groups, fraction=0.1, seed=0):
    return splits.by_group(pd.Series(labels, dtype="str"), pd.Series(groups, dtype="str"),
                           fraction, seed)  # fmt: skip


_OWN = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=12), min_size=1, max_size=8)


@given(_OWN, st.sampled_from([0.1, 0.25, 0.5]), st.integers(0, 3))
def test_classes_with_groups_of_their_own(classes, fraction, seed):
    rows = [(f"c{c}", f"g{c}-{g}") for c, sizes in enumerate(classes)
            for g, size in enumerate(sizes) for _ in range(size)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["label", "group"])
    table["validation"] = _split(table["label"], table["group"], fraction, seed)
    assert table.groupby("group")["validation"].nunique().max() == 1
    for c, sizes in enumerate(classes):
        held = table.loc[table["label"] == f"c{c}", "validation"]
        if len(sizes) == 1:
            assert not held.any()
            continue
        assert 0 < held.sum() < len(held)
        # Above the share only by the one group that a class must give.
        assert held.sum() <= max(fraction * len(held) + 0.5, min(sizes))


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), min_size=1, max_size=150),
    st.integers(0, 3),
)
@settings(max_examples=60)
def test_groups_shared_by_classes_are_never_divided(pairs, seed):
    labels, groups = [f"c{a}" for a, _ in pairs], [f"g{b}" for _, b in pairs]
    table = pd.DataFrame({"label": labels, "group": groups})
    table["validation"] = _split(labels, groups, seed=seed)
    assert table.groupby("group")["validation"].nunique().max() == 1
    per_class = table.groupby("label").agg(groups=("group", "nunique"), held=("validation", "sum"),
                                           rows=("group", "size"))  # fmt: skip
    # A class that shares groups can be held back by one of a single group; with many it is not.
    many = per_class[per_class["groups"] > 6]
    assert ((many["held"] > 0) & (many["held"] < many["rows"])).all()


def test_a_chain_of_small_classes_finds_a_way():
    labels = ["a", "a", "b", "b", "c", "c", "d", "d"]
    groups = ["1", "2", "2", "3", "3", "4", "4", "1"]
    for seed in range(20):
        held = _split(labels, groups, seed=seed)
        table = pd.DataFrame({"label": labels, "held": held})
        assert (table.groupby("label")["held"].nunique() == 2).all()


def test_share_is_exact_with_groups_of_one_size():
    labels = ["x"] * 1000 + ["y"] * 400
    groups = [f"g{i // 4}" for i in range(1400)]
    held = _split(labels, groups)
    assert (held[:1000].sum(), held[1000:].sum()) == (100, 40)


def test_one_more_class_changes_nothing_for_others():
    labels, groups = ["x"] * 50 + ["y"] * 50, [f"g{i // 2}" for i in range(100)]
    alone = _split(labels, groups)
    both = _split([*labels, *["z"] * 30], [*groups, *(f"other{i}" for i in range(30))])
    assert both[:100].tolist() == alone.tolist()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=120), st.integers(0, 3))
def test_images_drawn_one_by_one(classes, seed):
    labels = pd.Series([f"c{c}" for c in classes], dtype="str")
    keys = pd.Series([f"k{i}" for i in range(len(classes))], dtype="str")
    held = splits.by_image(labels, keys, 0.1, seed)
    order = np.random.default_rng(0).permutation(len(classes))
    again = splits.by_image(labels.iloc[order].reset_index(drop=True),
                            keys.iloc[order].reset_index(drop=True), 0.1, seed)  # fmt: skip
    assert again.tolist() == held[order].tolist()
    for label in labels.unique():
        count = int((labels == label).sum())
        wanted = min(max(int(0.1 * count + 0.5), 1), count - 1)
        assert held[(labels == label).to_numpy()].sum() == wanted
