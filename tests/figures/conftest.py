"""Fixtures of the figures: the sample, its rows, small files of runs."""

from __future__ import annotations

import sys
import types

import figure_parts
import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import prepared
from cytoimagenet_tfds.builders.cytoimagenet import sample_images
from cytoimagenet_tfds.figures import material


@pytest.fixture(scope="package")
def dataset(sample):
    return prepared.open_dataset("cytoimagenet/sample", str(sample.data_dir_root))


@pytest.fixture(scope="package")
def rows():
    root = sample_images.root()
    return pd.concat(
        [source.table(root / source.dir_name) for source in sample_images.sources()],
        ignore_index=True,
    )


@pytest.fixture(scope="package")
def given(dataset, rows):
    return material.Material(dataset=dataset, raw=sample_images.root(), rows=rows)


@pytest.fixture
def files(tmp_path):
    history, distances = tmp_path / "history.csv", tmp_path / "distances.csv"
    history.write_text("epoch,loss,accuracy,val_loss,val_accuracy\n0,2,.1,2.5,.1\n1,1,.5,2,.2\n")
    distances.write_text("label,within,between\na,0.1,0.5\nb,0.6,0.4\nc,,0.4\n")
    results = figure_parts.results(tmp_path / "results.json", "concat-norm", 0.5)
    return {"history": history, "distances": distances, "results": (results,)}


class _Placed:
    """Stands for UMAP: the first two features are the place."""

    def __init__(self, **options):
        assert options["n_jobs"] == 1

    def fit_transform(self, features):
        return np.asarray(features[:, :2], np.float32)


@pytest.fixture
def placed(monkeypatch):
    module = types.ModuleType("umap")
    module.UMAP = _Placed
    monkeypatch.setitem(sys.modules, "umap", module)
