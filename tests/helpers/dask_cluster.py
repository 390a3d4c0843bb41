"""A real Dask scheduler and its workers, as processes on this machine."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest


class Cluster(NamedTuple):
    """A scheduler's address, and the processes a test may kill."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@contextlib.contextmanager
def serve(folder: Path, workers: int) -> Iterator[Cluster]:
    """Runs a scheduler and `workers` workers of one thread."""
    pytest.importorskip("distributed", reason="no Dask: distributed is not installed")
    file = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    processes = [
        subprocess.Popen([*command, *local, "--port", "0", "--scheduler-file", str(file)], **quiet)
    ]
    try:
        address = _address(file)
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *local]
        processes += [
            subprocess.Popen([*command, "--nthreads", "1", "--no-nanny"], **quiet)
            for _ in range(workers)
        ]
        if workers:
            _wait(address, workers)
        yield Cluster(address, processes[0], processes[1:])
    finally:
        for process in reversed(processes):
            process.kill()  # asked politely, a worker may wait for its scheduler for ever
            process.wait()


def _address(file: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            address: str = json.loads(file.read_text())["address"]
            return address
        time.sleep(0.05)
    raise TimeoutError("The Dask scheduler did not start.")


def _wait(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address) as client:
        client.wait_for_workers(workers, timeout=60)
