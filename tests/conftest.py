"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[..., Path]:
    """Returns a path below the folder of real files; skips where it is not there."""

    def path(*parts: str) -> Path:
        found = SHARED.joinpath(*parts)
        if not found.exists():
            pytest.skip(f"no real file {'/'.join(parts)}: ../shared/data is not there")
        return found

    return path


def _prepare(name, data_dir, *flags, config=None, file_format=None, **values):
    """Prepares a dataset with Beam options given as flags; returns its builder."""
    import tensorflow_datasets as tfds
    from apache_beam.options.pipeline_options import PipelineOptions

    import cytoimagenet_tfds  # noqa: F401  registers the builders

    given = {"file_format": file_format} if file_format else {}
    builder = tfds.builder(name, data_dir=data_dir, config=config, **given)
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


@pytest.fixture(scope="session")
def twins(tmp_path_factory):
    """The sample with its channels apart: pixels stretched, and as the source has them."""
    data_dir = tmp_path_factory.mktemp("twins")
    return {
        raw: _prepare(
            "cytoimagenet", data_dir, config=f"sample-multichannel{'-raw' if raw else ''}",
            file_format="array_record",
        )
        for raw in (False, True)
    }  # fmt: skip
