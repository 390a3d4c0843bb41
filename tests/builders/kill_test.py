from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import bbbc006_folder
import pytest
import tensorflow_datasets as tfds

COUNT = 48

# Builds BBBC006 slowly, with one thread, and never removes what it has rendered.
_BUILD = """
import sys, time
import cytoimagenet_tfds, tensorflow_datasets as tfds
from apache_beam.options.pipeline_options import PipelineOptions
from cytoimagenet_tfds.build import chunks
add, pause = chunks.Writer.add, float(sys.argv[3])
def slow(*args):
    time.sleep(pause)
    return add(*args)
chunks.Writer.add = slow
options = PipelineOptions(flags=[
    "--direct_num_workers=2", "--cyto_rows_per_chunk=4", "--cyto_keep_work",
    "--cyto_work_dir=" + sys.argv[1] + "/work"])
# array_record is written without TensorFlow, whose import takes longer than this build.
builder = tfds.builder(
    "bbbc", config="bbbc006", data_dir=sys.argv[1], file_format="array_record")
builder.download_and_prepare(
    download_config=tfds.download.DownloadConfig(manual_dir=sys.argv[2], beam_options=options))
"""


def _start(data_dir, manual_dir, pause):
    command = [sys.executable, "-c", _BUILD, str(data_dir), str(manual_dir), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _committed(chunks):
    return {path.name: path.stat().st_mtime_ns for path in chunks.glob("[!.]*.parquet")}


def test_after_a_kill_no_committed_chunk_is_done_again(tmp_path):
    manual_dir, data_dir = tmp_path / "manual", tmp_path / "data"
    bbbc006_folder.make(manual_dir, range(COUNT))
    chunks = data_dir / "work" / "bbbc" / "bbbc006" / "1.0.0" / "chunks"
    process = _start(data_dir, manual_dir, 0.2)
    deadline = time.monotonic() + 120
    while len(_committed(chunks)) < 3:
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The build ended or hung before it was killed: {process.stderr.read()}")
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = _committed(chunks)
    (chunks / ".tmp-garbage").write_bytes(b"garbage")
    (chunks / "garbage.parquet").write_bytes(b"garbage")
    os.utime(chunks / ".tmp-garbage", (0, 0))

    again = _start(data_dir, manual_dir, 0)
    _, messages = again.communicate(timeout=240)
    assert again.returncode == 0, messages
    after = _committed(chunks)
    assert {name: after[name] for name in before} == before
    assert len(after) > len(before) + 1
    assert f"{len(before)} of " in messages
    assert ", left by a build that was killed." in messages
    assert not list(data_dir.glob("**/incomplete.*"))
    assert not list(chunks.glob(".tmp-*"))
    builder = tfds.builder_from_directory(data_dir / "bbbc" / "bbbc006" / "1.0.0")
    assert builder.info.splits["train"].num_examples == COUNT
