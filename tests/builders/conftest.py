"""Datasets that several tests read: prepared once."""

from __future__ import annotations

import pytest
import tensorflow_datasets as tfds
from apache_beam.options.pipeline_options import PipelineOptions

import cytoimagenet_tfds  # noqa: F401  registers the builders


def _prepare(name, data_dir, *flags, config=None, **values):
    """Prepares a dataset with Beam options given as flags; returns its builder."""
    builder = tfds.builder(name, data_dir=data_dir, config=config)
    options = PipelineOptions(flags=list(flags)) if flags else None
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(beam_options=options, **values)
    )
    return builder


@pytest.fixture(scope="session")
def prepare():
    """The function that prepares a dataset: (name, data_dir, *flags, config=, **DownloadConfig)."""
    return _prepare


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The prepared sample, built with two workers."""
    return _prepare(
        "cytoimagenet", tmp_path_factory.mktemp("sample"), "--direct_num_workers=2",
        "--cyto_rows_per_chunk=16", config="sample",
    )  # fmt: skip


def _examples(builder, split):
    return list(tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))


@pytest.fixture(scope="session")
def examples():
    """The function that reads a split: (builder, split) -> list of examples."""
    return _examples
