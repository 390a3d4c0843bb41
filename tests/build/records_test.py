from __future__ import annotations

import numpy as np
import pytest
from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import records, writing

RECORDS = [np.random.default_rng(n).bytes(5000) for n in range(100)]


@pytest.fixture(params=["array_record", "tfrecord", "parquet"])
def shard(request, tmp_path):
    path = epath.Path(tmp_path / "shard")
    pairs = ((str(number), record) for number, record in enumerate(RECORDS))
    writing.write(path, pairs, request.param)
    return path, request.param


def test_a_shard_that_is_cut_cannot_be_read_to_its_end(shard):
    path, file_format = shard
    whole = path.read_bytes()
    assert list(records.read(path, file_format)) == RECORDS
    path.write_bytes(whole[: len(whole) // 2 + 100])
    with pytest.raises(errors.BuildError, match="shard is damaged"):
        list(records.read(path, file_format))


def test_records_before_the_damage_are_read(tmp_path):
    path = epath.Path(tmp_path / "shard")
    writing.write(path, (("", record) for record in RECORDS), "array_record")
    whole = bytearray(path.read_bytes())
    whole[whole.index(RECORDS[70])] ^= 1
    path.write_bytes(bytes(whole))
    found = []
    stream = records.read(path, "array_record")
    with pytest.raises(errors.BuildError, match="shard is damaged"):
        found.extend(record for record in stream)
    assert found == RECORDS[:70]


def test_a_file_on_the_disk_is_not_copied(tmp_path):
    path = epath.Path(tmp_path / "shard")
    with records.local(path) as there:
        assert there == path
