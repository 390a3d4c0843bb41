from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from etils import epath

from cytoimagenet_tfds.build import leftovers


@pytest.fixture
def dead():
    """The number of a process that ran and is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_what_dead_builds_of_this_machine_left_is_removed(tmp_path, dead, caplog):
    here = socket.gethostname()
    owners = {
        "dead": f"{here} {dead}", "alive": f"{here} {os.getpid()}", "elsewhere": f"other {dead}",
        "garbage": "x", "binary": b"\xff\xfe", "nobody": None,
    }  # fmt: skip
    for name, owner in owners.items():
        folder = tmp_path / f"incomplete.{name}_1.0.0"
        folder.mkdir()
        (folder / "shard").write_bytes(bytes(2_000_000))
        if owner is not None:
            content = owner if isinstance(owner, bytes) else owner.encode()
            (folder / ".cytoimagenet_owner").write_bytes(content)
    (tmp_path / "1.0.0").mkdir()
    own = epath.Path(tmp_path / "incomplete.own_1.0.0")
    own.mkdir()
    leftovers.claim(own)
    leftovers.clean(own)
    left = {path.name for path in tmp_path.iterdir()}
    kept = set(owners) - {"dead"} | {"own"}
    assert left == {f"incomplete.{name}_1.0.0" for name in kept} | {"1.0.0"}
    assert f"Removed {tmp_path}/incomplete.dead_1.0.0 (2.0 MB)" in caplog.text
    assert f"{tmp_path}/incomplete.alive_1.0.0 (2.0 MB) is left from" in caplog.text
    leftovers.release(own)
    assert list(own.iterdir()) == []


def test_nothing_to_clean(tmp_path):
    leftovers.clean(epath.Path(tmp_path / "absent" / "incomplete.own"))
    assert list(tmp_path.iterdir()) == []
