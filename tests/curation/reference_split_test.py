from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.curation import reference_split

model_selection = pytest.importorskip("sklearn.model_selection")


def by_scikit_learn(labels, fraction, seed):
    rows = np.arange(len(labels))
    _, chosen = model_selection.train_test_split(
        rows, test_size=fraction, random_state=seed, stratify=labels
    )
    return np.isin(rows, chosen)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(30, 130), min_size=2, max_size=30),
    st.sampled_from([0.1, 0.2, 0.33]),
    st.integers(0, 2**31),
    st.booleans(),
)
def test_it_is_the_draw_of_scikit_learn(sizes, fraction, seed, shuffled):
    labels = np.repeat([f"class {number}" for number in range(len(sizes))], sizes)
    if shuffled:
        np.random.Generator(np.random.PCG64(seed)).shuffle(labels)
    np.testing.assert_array_equal(
        reference_split.validation(labels.tolist(), fraction, seed),
        by_scikit_learn(labels, fraction, seed),
    )


def test_the_published_sizes():
    """894 classes of about 1000, as published."""
    sizes = [1000] * 880 + [723, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 948]
    labels = np.repeat([f"c{number}" for number in range(len(sizes))], sizes)
    expected = by_scikit_learn(labels, 0.1, 0)
    np.testing.assert_array_equal(reference_split.validation(labels.tolist()), expected)


def test_what_cannot_be_split_is_named():
    with pytest.raises(errors.TableError, match="'b' has one row") as caught:
        reference_split.validation(["a"] * 9 + ["b"])
    assert "1 rows on the smaller side cannot hold 2 classes" in str(caught.value)
