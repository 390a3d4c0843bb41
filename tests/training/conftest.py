"""Small recipes on the sample."""

from __future__ import annotations

import dataclasses

import pytest

from cytoimagenet_tfds.training import data
from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

_TINY = Recipe(
    name="tiny", model="small", image_size=32, batch=64, epochs=2, learning_rate=0.003, top_k=3,
    augmentation=Augmentation(rotation=360, flips=True), shuffle=500, distances=5,
)  # fmt: skip


def _tiny(**values):
    return dataclasses.replace(_TINY, **values)


@pytest.fixture(scope="session")
def tiny():
    """The function that makes a small recipe: (**values) -> Recipe."""
    return _tiny


@pytest.fixture(scope="session")
def array_record_dir(prepare, tmp_path_factory):
    """The data_dir of the sample, prepared for random access."""
    root = tmp_path_factory.mktemp("array_record")
    prepare("cytoimagenet", root, config="sample", file_format="array_record")
    return str(root)


@pytest.fixture(scope="session")
def sample_data(sample):
    """The sample with all its classes."""
    return data.open_dataset(_TINY, sample)
