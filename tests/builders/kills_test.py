"""Builds killed at random moments end equal to an unbroken one; garbage is never read."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import bbbc006_folder
import numpy as np
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds.build import verify

KILLS = int(os.environ.get("CYTO_KILLS", "3"))

# Builds BBBC006 slowly; says when work begins, so that a kill falls into it.
_BUILD = """
import sys, time
import cytoimagenet_tfds, tensorflow_datasets as tfds
from apache_beam.options.pipeline_options import PipelineOptions
from cytoimagenet_tfds.build import assemble, chunks
pause = float(sys.argv[3])
def slow(function):
    def wrapped(*args, **names):
        time.sleep(pause)
        return function(*args, **names)
    return wrapped
chunks.Writer.add = slow(chunks.Writer.add)
assemble.WriteShard._write = slow(assemble.WriteShard._write)
options = PipelineOptions(flags=["--direct_num_workers=2", "--cyto_rows_per_chunk=2"])
builder = tfds.builder("bbbc", config="bbbc006", data_dir=sys.argv[1], file_format="array_record")
print("begins", flush=True)
builder.download_and_prepare(download_config=tfds.download.DownloadConfig(
    manual_dir=sys.argv[2], beam_options=options, num_shards=4))
"""


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(20))
    return root


def _start(data_dir, manual_dir, pause):
    command = [sys.executable, "-c", _BUILD, str(data_dir), str(manual_dir), str(pause)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout.readline() == "begins\n"
    return process


def _finish(data_dir, manual_dir):
    process = _start(data_dir, manual_dir, 0)
    process.communicate(timeout=240)
    assert process.returncode == 0
    builder = tfds.builder_from_directory(data_dir / "bbbc" / "bbbc006" / "1.0.0")
    assert verify.verify(builder).problems == {}
    assert not list(data_dir.glob("**/incomplete.*"))
    assert not list(data_dir.glob("**/.tmp-*"))
    assert not (data_dir / "bbbc" / ".work").exists()
    return list(builder.as_data_source("train"))


@pytest.fixture(scope="module")
def unbroken(manual_dir, tmp_path_factory):
    return _finish(tmp_path_factory.mktemp("unbroken"), manual_dir)


def _same(found, expected):
    assert [e["key"] for e in found] == [e["key"] for e in expected]
    for one, other in zip(found, expected, strict=True):
        for name, value in other.items():
            np.testing.assert_array_equal(one[name], value)


def test_a_build_killed_again_and_again_ends_like_an_unbroken_one(manual_dir, unbroken, tmp_path):
    rng = random.Random(7)
    for _ in range(KILLS):
        process = _start(tmp_path, manual_dir, 0.1)
        try:
            process.wait(timeout=rng.uniform(0.5, 3.5))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    _same(_finish(tmp_path, manual_dir), unbroken)


def test_a_work_folder_full_of_garbage_is_refused_and_not_read(manual_dir, unbroken, tmp_path):
    rng = random.Random(11)
    work = tmp_path / "bbbc" / ".work" / "bbbc006" / "1.0.0"
    process = _start(tmp_path, manual_dir, 0.1)
    deadline = time.monotonic() + 120
    while len(list(work.rglob("*.parquet"))) <= 4 and time.monotonic() < deadline:
        assert process.poll() is None, "the build ended before it was killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    victims = sorted(path for path in work.rglob("*") if path.is_file())
    assert len(victims) > 4
    for path in victims:
        path.write_bytes(rng.randbytes(rng.choice([0, 1, path.stat().st_size])))
    _same(_finish(tmp_path, manual_dir), unbroken)
