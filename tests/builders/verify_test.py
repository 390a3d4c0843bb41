"""A dataset as it was written passes; whatever is changed in it is found."""

from __future__ import annotations

import shutil

import bbbc006_folder
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import cli, errors
from cytoimagenet_tfds.build import records, shards, verify

FORMATS = ("array_record", "tfrecord", "parquet")


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(5))
    return root


@pytest.fixture(scope="module", params=FORMATS)
def dataset(request, manual_dir, tmp_path_factory):
    """A small prepared dataset of two shards in one record format."""
    root = tmp_path_factory.mktemp(request.param)
    builder = tfds.builder("bbbc", config="bbbc006", data_dir=root, file_format=request.param)
    config = tfds.download.DownloadConfig(manual_dir=manual_dir, num_shards=2)
    builder.download_and_prepare(download_config=config)
    return builder


@pytest.fixture
def copy(dataset, tmp_path):
    """A copy of the dataset, to be damaged."""
    path = tmp_path / "bbbc" / "bbbc006" / "1.0.0"
    shutil.copytree(dataset.data_path, path)
    return path


def _verify(path):
    return verify.verify(tfds.builder_from_directory(path)).problems


def _shards(path):
    return sorted(path.glob("bbbc-train.*"))


def test_a_dataset_as_it_was_written_passes(dataset):
    result = verify.verify(dataset, workers=2)
    assert result.problems == {}
    assert result.examples == {"train": 5}
    assert result.text() == "train: 5 examples read\nEverything fits."


def test_any_changed_byte_of_a_shard_is_found(copy):
    shard = _shards(copy)[0]
    whole = shard.read_bytes()
    for at in (0, 7, 100, len(whole) // 3, len(whole) // 2, len(whole) - 200, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        shard.write_bytes(bytes(damaged))
        problem = "shard differs from what was written (length or checksum)"
        assert _verify(copy)[problem] == [shard.name]
    shard.write_bytes(whole)
    assert _verify(copy) == {}


def test_a_cut_a_missing_and_a_strange_shard_are_named(copy):
    first, second = _shards(copy)
    (copy / first.name.replace("00000-of", "00007-of")).write_bytes(b"x")
    first.write_bytes(first.read_bytes()[:-50])
    second.unlink()
    problems = _verify(copy)
    assert problems["shard is missing"] == [second.name]
    assert problems["shard does not belong to the dataset"] == [
        first.name.replace("00000-of", "00007-of")
    ]
    assert first.name in problems["shard differs from what was written (length or checksum)"]
    assert problems["images read and images written differ"]


def test_without_the_table_of_shards_damage_is_still_found(copy):
    (copy / shards.TABLE_NAME).unlink()
    assert _verify(copy) == {}
    shard = _shards(copy)[0]
    data = bytearray(shard.read_bytes())
    at = data.index(b"IDAT") + 40 if b"IDAT" in data else len(data) // 2
    data[at] ^= 255
    shard.write_bytes(bytes(data))
    assert _verify(copy) != {}


def test_the_command_lists_what_is_wrong_and_fails(copy, capsys):
    _shards(copy)[0].unlink()
    words = ["verify", "bbbc/bbbc006", f"--data_dir={copy.parents[2]}"]
    assert cli.main(words) == 1
    said = capsys.readouterr()
    assert "shard is missing: bbbc-train" in said.out
    left = len(_shards(copy))
    assert f"{left}/{left}" in said.err
    assert "Verifying" not in said.out


@pytest.mark.parametrize("name", ["build_report.parquet", shards.TABLE_NAME])
def test_a_damaged_report_is_an_error(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(errors.BuildError, match="not prepared by this package"):
        _verify(copy)


def test_records_of_an_unknown_format(copy):
    with pytest.raises(errors.BuildError, match="readable format 'riegeli'"):
        list(records.read(_shards(copy)[0], "riegeli"))
