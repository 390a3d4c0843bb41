from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest

from cytoimagenet_tfds.build import quiet


@pytest.fixture
def _restored():
    names = [*quiet._DROPPED, *quiet._OF_TFDS]
    kept = {name: list(logging.getLogger(name).filters) for name in names}
    yield
    for name, filters in kept.items():
        logging.getLogger(name).filters[:] = filters


@pytest.mark.usefixtures("_restored")
def test_only_the_known_messages_are_dropped(caplog):
    quiet.hush()
    quiet.hush()
    assert all(logging.getLogger(name).filters.count(d) == 1 for name, d in quiet._DROPPED.items())
    for name, drop in quiet._DROPPED.items():
        for start in drop.starts:
            logging.getLogger(name).warning("%s", "kept: " + start)
            logging.getLogger(name).warning(start + ", and so on")
            logging.getLogger("elsewhere").warning(start)
    texts = [record.getMessage() for record in caplog.records]
    assert not any("and so on" in text for text in texts)
    assert len(texts) == 2 * sum(len(drop.starts) for drop in quiet._DROPPED.values())


@pytest.mark.usefixtures("_restored")
def test_a_command_leaves_out_notes_and_keeps_what_the_user_set(monkeypatch, caplog):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    quiet.hush_command()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"  # warnings of TensorFlow stay
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    quiet.hush_command()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    for text in ("Variant folder x has no dataset_info.json", "Shards are missing"):
        logging.getLogger("absl").warning(text)
    assert [record.getMessage() for record in caplog.records] == ["Shards are missing"]


def stderr_of(code):
    """What a process of its own writes there."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True,
        timeout=120, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


# What `tfds build` shows: notes of every logger.
_NOTES = """
import logging
logging.basicConfig(level=logging.INFO)
from cytoimagenet_tfds.build import quiet
quiet.hush()
from tensorflow_datasets.core import download
from cytoimagenet_tfds.build import options, pipeline
runner, chosen = options.runner_and_options(download.DownloadConfig())
pipeline.run(runner, chosen, lambda p: pipeline._spread(p, [1, 2, 3], "Step", str))
"""


def test_a_build_with_notes_says_nothing_of_its_local_workers():
    told = stderr_of(_NOTES)
    said = [line for line in told.splitlines() if line.startswith("INFO:apache_beam")]
    assert not said, said


# Two worker processes, as `--engine=processes` has them.
_BUILD = """
from cytoimagenet_tfds.build import quiet
quiet.hush()
from apache_beam.options.pipeline_options import PipelineOptions
from tensorflow_datasets.core import download
from cytoimagenet_tfds.build import options, pipeline
given = PipelineOptions(["--cyto_engine=processes", "--direct_num_workers=2"])
runner, chosen = options.runner_and_options(download.DownloadConfig(beam_options=given))
pipeline.run(runner, chosen, lambda p: pipeline._spread(p, [1, 2, 3], "Step", str))
"""


def test_a_build_with_worker_processes_drops_them_in_all_its_processes():
    told = stderr_of(_BUILD)
    said = [text for drop in quiet._DROPPED.values() for text in drop.starts if text in told]
    assert not said, told
