from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds.training import balance

# 6 images of class 0, 3 of 0 and 1, 1 of 1 and 2
SETS = {(0,): 6, (0, 1): 3, (1, 2): 1}


def test_rare_classes_are_copied_up_to_the_limit():
    counts = balance.counts(SETS, 4)
    assert counts == [9, 4, 1, 0]
    assert balance.copies(counts, rare=8, most=5) == [1, 2, 5, 1]
    assert balance.copies(counts, rare=0, most=5) == [1, 1, 1, 1]


def test_an_image_follows_its_rarest_class():
    copies = [1, 2, 5, 1]
    assert balance.repeats((1, 2), copies) == 5
    assert balance.repeats((), copies) == 1
    assert balance.after(SETS, copies) == [12, 11, 5, 0]
    assert balance.epoch_length(SETS, copies) == 6 + 6 + 5


@given(
    st.dictionaries(
        st.sets(st.integers(0, 4), min_size=1).map(lambda s: tuple(sorted(s))),
        st.integers(1, 50), min_size=1,
    ),
    st.integers(0, 100),
    st.integers(1, 9),
)  # fmt: skip
def test_no_class_loses_and_rare_ones_reach_their_number_or_the_limit(sets, rare, most):
    counts = balance.counts(sets, 5)
    after = balance.after(sets, balance.copies(counts, rare, most))
    for before, now in zip(counts, after, strict=True):
        assert now >= min(max(before, rare if before else 0), before * most)
