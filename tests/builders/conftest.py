"""What tests of builders share."""

from __future__ import annotations

import pytest
import tensorflow_datasets as tfds


def _examples(builder, split):
    return list(tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))


@pytest.fixture(scope="session")
def examples():
    """The function that reads a split: (builder, split) -> list of examples."""
    return _examples
