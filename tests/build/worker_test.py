from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from cytoimagenet_tfds.build import worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# Starts a worker through a shell, as Beam does, and dies while the worker still starts.
_PARENT = """
import os, subprocess, sys, time
from cytoimagenet_tfds.build import worker
child = subprocess.Popen(worker.command(), shell=True, env={
    **os.environ, "CONTROL_API_SERVICE_DESCRIPTOR": "url: '127.0.0.1:9'"},
    stderr=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(1)
os.kill(os.getpid(), 9)
"""


def _runs(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _command(process: int) -> str:
    with open(f"/proc/{process}/cmdline") as file:
        return file.read().replace("\0", " ")


def _wait(until, otherwise: str) -> None:
    deadline = time.monotonic() + 30
    while not until():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def test_a_worker_dies_with_the_process_that_started_it():
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    wanted = f"-m cytoimagenet_tfds.build.worker {parent.pid}"
    _wait(lambda: wanted in _command(child), "No shell may stand between.")
    parent.communicate()
    _wait(lambda: not _runs(child), "The worker outlived its parent.")


def test_a_worker_of_another_parent_ends_at_once():
    command = worker.command().removeprefix("exec ").split()
    done = subprocess.run([*command[:-1], str(os.getppid())], timeout=60, check=False)
    assert done.returncode == 1
