"""TFDS' own contract test of builders."""

from __future__ import annotations

import tensorflow_datasets as tfds

from cytoimagenet_tfds.builders.cytoimagenet import cytoimagenet_dataset_builder, sample_images


class CytoImageNetSampleTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = cytoimagenet_dataset_builder.Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ["sample"]  # noqa: RUF012
    SPLITS = {"train": 259, "validation": 74}  # noqa: RUF012
    EXAMPLE_DIR = str(sample_images.root())
