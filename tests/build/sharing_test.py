"""Work shared among the workers of this machine."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import threading
import time
from concurrent import futures

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import fn_runner

from cytoimagenet_tfds.build import options, pipeline, sharing, work


class Owner:
    pass


def test_every_element_is_worked_on_once_whoever_takes_it():
    owner, elements = Owner(), [f"chunk {number}" for number in range(500)]
    shared = sharing.share(owner, elements, str.upper)
    with futures.ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda worker: list(shared(worker)), range(8)))
    assert sorted(itertools.chain(*parts)) == sorted(text.upper() for text in elements)
    assert list(shared(9)) == []


_TAKE = """
import sys
from cytoimagenet_tfds.build import sharing
print(*sharing.Shared(range(3000), int, sys.argv[1])(0))
"""


def test_processes_share_as_well():
    owner = Owner()
    turns = sharing.share(owner, range(3000), int).turns
    found = [subprocess.Popen([sys.executable, "-c", _TAKE, turns], stdout=subprocess.PIPE)
             for _ in range(3)]  # fmt: skip
    texts = [process.communicate()[0].split() for process in found]
    assert sorted(int(text) for text in itertools.chain(*texts)) == list(range(3000))


def test_a_slow_worker_leaves_the_rest_to_the_others():
    began, done = threading.Event(), threading.Event()

    def step(number):
        if number == 0:
            began.set()
            done.wait(60)
        return number

    owner = Owner()
    shared = sharing.share(owner, range(20), step)
    with futures.ThreadPoolExecutor(2) as pool:
        slow = pool.submit(lambda: list(shared(0)))
        began.wait(60)
        assert list(shared(1)) == list(range(1, 20))
        done.set()
        assert slow.result() == [0]


def test_after_a_failure_nobody_begins_anything_more():
    def step(number):
        if number == 3:
            raise OSError("disk full")
        return number

    owner = Owner()
    shared = sharing.share(owner, range(10), step)
    with pytest.raises(OSError, match="disk full"):
        list(shared(0))
    assert list(shared(1)) == []


def test_the_file_goes_with_its_owner():
    owner = Owner()
    turns = sharing.share(owner, [1], int).turns
    assert os.path.exists(turns)
    del owner
    gc.collect()
    assert not os.path.exists(turns)


_KILLED = """
import os, signal
from cytoimagenet_tfds.build import sharing
class Owner: pass
owner = Owner()
print(sharing.share(owner, [1], int).turns, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_file_of_a_killed_build_is_swept():
    killed = subprocess.run([sys.executable, "-c", _KILLED], capture_output=True, text=True)
    turns = killed.stdout.strip()
    assert os.path.exists(turns)
    work.sweep_spooled()
    assert not os.path.exists(turns)


def slow(folder):
    """A step that takes long for the first element, and writes down who did what."""

    def step(number):  # inside of a function, so that it is pickled whole
        with open(f"{folder}/{number}", "x") as file:
            file.write(f"{os.getpid()} {threading.get_ident()}")
        for _ in range(6000 if number == 0 else 0):  # until the other has done the rest
            if len(os.listdir(folder)) < 12:
                time.sleep(0.01)
        return number, {"chunks": 1}

    return step


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_a_pipeline_does_not_wait_for_its_slowest_worker(engine, tmp_path):
    flags = ["--direct_num_workers=2", f"--cyto_engine={engine}"]
    given = options.BuildOptions([*flags])
    runner = options._local_runner(given, {"direct_num_workers"})
    step = pipeline._Counted(slow(str(tmp_path)))
    pipeline.run(runner, given, lambda p: pipeline._spread(p, range(12), "Step", step))
    workers = [(tmp_path / str(number)).read_text() for number in range(12)]
    assert workers.count(workers[0]) == 1
    assert len(set(workers)) == 2


def test_elsewhere_the_work_is_dealt_out():
    two = PipelineOptions(["--direct_num_workers=2"])
    assert sharing.workers(beam.Pipeline(runner=fn_runner.FnApiRunner(), options=two)) == 2
    assert sharing.workers(beam.Pipeline(options=two)) == 0
