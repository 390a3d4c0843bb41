"""One plan, whatever engine works on it: the same examples in the same order."""

from __future__ import annotations

import contextlib
import threading
import time

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
    with dask_cluster.serve(tmp_path, workers=2) as cluster:
        _same(build("--engine=dask", dask_client_address=cluster.address), expected)


_CHUNKS = 14


@pytest.fixture
def slow(tmp_path):
    """The function that builds large images, a chunk each, and the folder of its chunks."""
    bbbc006_folder.make(tmp_path / "raw", range(_CHUNKS), shape=(1200, 1200))

    def run(name, *words, **options):
        work = tmp_path / "work" / name
        fixed = [f"--manual_dir={tmp_path}/raw", f"--data_dir={tmp_path}/{name}",
                 "--file_format=array_record", "--num_shards=2"]  # fmt: skip
        given = {"cyto_rows_per_chunk": 1, "cyto_work_dir": work, **options}
        beam = ",".join(f"{key}={value}" for key, value in given.items()) + ",cyto_keep_work"
        return cli.main(
            ["build", "bbbc/bbbc006", *fixed, f"--beam_pipeline_options={beam}", *words]
        )

    def chunks(name):
        folder = tmp_path / "work" / name / "bbbc" / "bbbc006" / "1.0.0" / "chunks"
        return {path.name: path.stat().st_mtime_ns for path in folder.glob("[!.]*.parquet")}

    def examples(name):
        builder = tfds.builder("bbbc", config="bbbc006", data_dir=tmp_path / name)
        assert verify.verify(builder).problems == {}
        return {"train": list(builder.as_data_source("train"))}

    return run, chunks, examples


@contextlib.contextmanager
def _killed(process, chunks):
    """Kills a process as soon as two chunks are there; gives those that were there then."""
    found: dict[str, int] = {}

    def wait():
        while len(chunks()) < 2 and not done.is_set():
            time.sleep(0.005)
        process.kill()
        process.wait()
        found.update(chunks())

    done = threading.Event()
    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def test_a_lost_worker_and_a_lost_scheduler(slow, tmp_path, capsys):
    """Without a worker the others do its part; without a scheduler any engine goes on."""
    run, chunks, examples = slow
    with dask_cluster.serve(tmp_path, workers=2) as cluster:
        dask = {"dask_client_address": cluster.address}
        with _killed(cluster.workers[0], lambda: chunks("worker")) as before:
            assert run("worker", "--engine=dask", **dask) == 0
        assert 2 <= len(before) < _CHUNKS
        assert len(chunks("worker")) == _CHUNKS
        with _killed(cluster.scheduler, lambda: chunks("scheduler")) as before:
            assert run("scheduler", "--engine=dask", **dask) == 1
    assert 2 <= len(before) < _CHUNKS
    told = capsys.readouterr().err
    assert f"of {_CHUNKS} chunks in" in told
    assert "was its scheduler, or were its workers, lost? Start the same build again" in told
    before = chunks("scheduler")
    assert run("scheduler") == 0
    after = chunks("scheduler")
    assert len(after) == _CHUNKS
    assert {name: after[name] for name in before} == before
    assert run("unbroken", direct_num_workers=1) == 0
    for name in ("worker", "scheduler"):
        _same(examples(name), examples("unbroken"))
