"""One plan, whatever engine works on it: the same examples in the same order."""

from __future__ import annotations

import bbbc006_folder
import dask_cluster
import numpy as np
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import verify

_RULES = '{"sources": ["bbbc006"], "min_images": 2, "target": 24, "cap": 24}'


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(24), shape=(150, 160))
    return root


@pytest.fixture(scope="module")
def build(manual_dir, tmp_path_factory):
    """The function that builds with the given words, and returns all examples."""

    def run(*words, **options):
        data_dir = tmp_path_factory.mktemp("data")
        # array_record is written without TensorFlow, whose import takes long in every worker.
        fixed = [f"--manual_dir={manual_dir}", f"--data_dir={data_dir}", "--num_shards=3",
                 "--file_format=array_record", f"--rules={_RULES}"]  # fmt: skip
        given = {"cyto_rows_per_chunk": 3, **options}
        beam = ",".join(f"{name}={value}" for name, value in given.items())
        assert cli.main(["build", *fixed, f"--beam_pipeline_options={beam}", *words]) == 0
        (folder,) = data_dir.glob("cytoimagenet/sources-*/1.0.0")
        builder = tfds.builder_from_directory(folder)
        assert verify.verify(builder).problems == {}
        return {
            split: list(builder.as_data_source(split=split))
            for split in sorted(builder.info.splits)
        }

    return run


@pytest.fixture(scope="module")
def expected(build):
    """What one thread makes."""
    return build(direct_num_workers=1)


def _same(found, expected):
    assert list(found) == list(expected)
    for split, examples in expected.items():
        assert len(found[split]) == len(examples) > 0
        for one, other in zip(found[split], examples, strict=True):
            assert set(one) == set(other)
            for name, value in other.items():
                np.testing.assert_array_equal(one[name], value)


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_two_workers_of_this_machine(build, expected, engine):
    _same(build(f"--engine={engine}", direct_num_workers=2), expected)


def test_two_workers_of_a_dask_scheduler(build, expected, tmp_path):
    with dask_cluster.serve(tmp_path, workers=2) as address:
        _same(build("--engine=dask", dask_client_address=address), expected)
