from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from array_record.python import array_record_module
from etils import epath

from cytoimagenet_tfds.build import records, shards, writing

# More than two of the batches in which TFDS writes Parquet.
RECORDS = [np.random.default_rng(n).bytes(n * 70) for n in range(1, 260)]


def _pairs():
    return ((str(number), record) for number, record in enumerate(RECORDS))


@pytest.mark.parametrize("file_format", ["array_record", "tfrecord", "parquet"])
@pytest.mark.parametrize("write", [writing.write, writing.by_tfds])
def test_what_is_written_is_read_in_order(tmp_path, file_format, write):
    path = epath.Path(tmp_path / f"one.{file_format}")
    write(path, _pairs(), file_format)
    assert list(records.read(path, file_format)) == RECORDS


@pytest.mark.parametrize("file_format", ["array_record", "tfrecord", "parquet"])
def test_length_and_checksum_are_those_of_the_file(tmp_path, file_format):
    path = epath.Path(tmp_path / "one")
    assert writing.write(path, _pairs(), file_format) == shards.measure(path)


@pytest.mark.parametrize("sizes", [[], [0], [1, 0, 3], [(1 << 18) - 1, 1, 5, 1 << 18, 1 << 20]])
def test_a_tfrecord_is_byte_for_byte_that_of_tensorflow(tmp_path, sizes):
    rng = np.random.default_rng(0)
    pairs = [(str(number), rng.bytes(size)) for number, size in enumerate(sizes)]
    ours, theirs = epath.Path(tmp_path / "ours"), epath.Path(tmp_path / "theirs")
    measured = writing.write(ours, iter(pairs), "tfrecord")
    writing.by_tfds(theirs, iter(pairs), "tfrecord")
    assert ours.read_bytes() == theirs.read_bytes()
    assert measured == shards.measure(theirs)


def test_a_tfrecord_needs_no_tensorflow(tmp_path):
    program = """
import sys
from etils import epath
from cytoimagenet_tfds.build import writing
writing.write(epath.Path(sys.argv[1]), [("", b"x")], "tfrecord")
print("tensorflow" in sys.modules)
"""
    arguments = [sys.executable, "-c", program, str(tmp_path / "one")]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr


def test_each_record_of_an_array_record_is_read_by_itself(tmp_path):
    options = []
    for write in (writing.write, writing.by_tfds):
        path = epath.Path(tmp_path / write.__name__)
        write(path, _pairs(), "array_record")
        reader = array_record_module.ArrayRecordReader(str(path))
        assert reader.read([17, 3]) == [RECORDS[17], RECORDS[3]]
        options.append(reader.writer_options_string())
        reader.close()
    assert all("group_size:1," in found for found in options), options
    assert "snappy" in options[0]


def test_records_are_taken_one_by_one(tmp_path):
    taken = []

    def pairs():
        for number in range(3):
            taken.append(number)
            yield str(number), b"x"
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        writing.write(epath.Path(tmp_path / "a"), pairs(), "array_record")
    assert taken == [0, 1, 2]
