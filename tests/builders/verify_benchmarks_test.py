"""Prepared benchmarks, whose pixels are compressed and not PNG, are verified to the last byte."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds
from trees_benchmarks import bbbc021, coos7, cyclops

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import examples_apart, records, shards, verify
from cytoimagenet_tfds.builders.bbbc021.bbbc021_dataset_builder import Bbbc021Config
from cytoimagenet_tfds.builders.coos7.coos7_dataset_builder import Coos7Config

MAKERS = {
    "bbbc021": (bbbc021.make, Bbbc021Config(wells="all_wells", plates=tuple(bbbc021.PREFIX))),
    "coos7": (coos7.make_tiff, Coos7Config(allow_differences=True)),
    "cyclops": (cyclops.make_tiff, None),
}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def dataset(request, prepare, tmp_path_factory):
    make, config = MAKERS[request.param]
    manual = tmp_path_factory.mktemp("manual")
    make(manual / request.param)
    data_dir = tmp_path_factory.mktemp("data")
    return prepare(request.param, data_dir, config=config, manual_dir=manual)


@pytest.fixture
def copy(dataset, tmp_path):
    path = tmp_path / dataset.name / dataset.builder_config.name / "1.0.0"
    shutil.copytree(dataset.data_path, path)
    return path


def _problems(path):
    return verify.verify(tfds.builder_from_directory(path)).problems


def _shard(path):
    return next(iter(sorted(path.glob("*.tfrecord-*"))))


def test_a_benchmark_as_it_was_written_passes(dataset, capsys):
    data_dir = dataset.data_path.parents[2]
    name = f"{dataset.name}/{dataset.builder_config.name}"
    assert cli.main(["verify", name, f"--data_dir={data_dir}"]) == 0
    assert "Everything fits." in capsys.readouterr().out


def test_any_flipped_byte_is_found(copy):
    shard = _shard(copy)
    whole = shard.read_bytes()
    for at in np.linspace(0, len(whole) - 1, 7).astype(int).tolist():
        damaged = bytearray(whole)
        damaged[at] ^= 1
        shard.write_bytes(bytes(damaged))
        problem = "shard differs from what was written (length or checksum)"
        assert _problems(copy)[problem] == [shard.name]


def test_damaged_pixels_are_found_without_the_table_of_shards(copy):
    (copy / shards.TABLE_NAME).unlink()
    shard = _shard(copy)
    (first, *_) = records.read(shard, "tfrecord")
    pixels = first.index(b"\x78\x9c")  # where zlib begins
    whole = bytearray(shard.read_bytes())
    whole[whole.index(first) + pixels + 60] ^= 8
    shard.write_bytes(bytes(whole))
    (problem,) = _problems(copy)
    assert problem.startswith(("image cannot be decoded", "image has another number of bytes"))


def test_images_of_another_shape_than_the_dataset_says():
    import zlib

    packed = zlib.compress(bytes(2 * 3 * 2 * 2))
    assert examples_apart.problems({}, (2, 3, 2), packed, "uint16", (None, None, 2)) == []
    assert examples_apart.problems({}, (2, 3, 2), packed, "uint16", (2, 2, 2)) == [
        "image has the shape (2, 3, 2), expected (2, 2, 2)"
    ]
