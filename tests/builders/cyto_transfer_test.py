from __future__ import annotations

import tensorflow_datasets as tfds
from tensorflow_datasets.testing.dataset_collection_builder_testing import (
    DatasetCollectionTestBase,
)

from cytoimagenet_tfds.builders.cyto_transfer import cyto_transfer


class TestCytoTransfer(DatasetCollectionTestBase):
    DATASET_COLLECTION_CLASS = cyto_transfer.CytoTransfer


def test_collection_names_the_three_benchmarks():
    loader = tfds.dataset_collection("cyto_transfer")
    assert sorted(loader.datasets) == ["bbbc021", "coos7", "cyclops"]
    info = cyto_transfer.CytoTransfer().info
    assert "BBBC021" in info.description
    assert "hua2021cytoimagenet" in info.citation
