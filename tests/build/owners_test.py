"""Notes of owners: dead or alive, also where the number of a process is in use again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest
from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import leftovers, owners, work

HERE = socket.gethostname()


@pytest.fixture
def folder(tmp_path):
    return epath.Path(tmp_path)


@pytest.fixture
def other():
    """A process that runs."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def _claimed_by(folder, process, start):
    (folder / owners.NOTE).write_text(f"{HERE} {process} {start}")


def test_what_became_of_an_owner(folder, other):
    assert owners.of(folder) == ("nobody", "")
    owners.claim(folder)
    assert owners.of(folder) == ("this", f"process {os.getpid()} on {HERE}")
    _claimed_by(folder, other.pid, owners._start(other.pid))
    assert owners.of(folder)[0] == "alive"
    other.kill()
    while owners.is_alive(other.pid):  # nobody waits for it: a zombie is no owner either
        time.sleep(0.01)
    assert owners.of(folder)[0] == "dead"
    (folder / owners.NOTE).write_text("elsewhere 1 1")
    assert owners.of(folder)[0] == "elsewhere"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process started")
@pytest.mark.parametrize("own", [True, False])
def test_a_number_that_is_used_again_is_another_process(folder, other, own):
    """In a container every build has the same number."""
    process = os.getpid() if own else other.pid
    _claimed_by(folder, process, int(owners._start(process)) - 1)
    assert owners.of(folder)[0] == "dead"


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\xfe", b"a b c", b"a 99999999999999999999 1"])
def test_rubbish_is_no_living_owner(folder, content):
    (folder / owners.NOTE).write_bytes(content.replace(b"a ", f"{HERE} ".encode()))
    assert owners.of(folder)[0] in ("nobody", "dead")


def test_a_work_folder_belongs_to_one_build_at_a_time(folder, other, caplog):
    used = folder / "work"
    leftovers.hold(used)
    leftovers.hold(used)  # the same process, after a build that failed
    leftovers.let_go(used)
    assert not used.exists()
    used.mkdir()
    _claimed_by(used, other.pid, owners._start(other.pid))
    with pytest.raises(errors.BuildError, match=f"runs: process {other.pid} on {HERE}"):
        leftovers.hold(used)
    leftovers.let_go(used)
    assert owners.of(used)[0] == "alive"  # a note of another is not taken away
    (used / owners.NOTE).write_text("elsewhere 1 1")
    leftovers.hold(used)
    assert "was used by process 1 on elsewhere" in caplog.text
    (used / "chunks").mkdir()
    leftovers.let_go(used)
    assert [path.name for path in used.iterdir()] == ["chunks"]


def test_a_folder_that_was_killed_before_its_note_goes_when_it_is_old(folder):
    for name, age in (("old", 7200), ("new", 0), ("full", 7200)):
        path = folder / f"incomplete.{name}_1.0.0"
        path.mkdir()
        if name == "full":
            (path / "shard").write_bytes(b"x")
        os.utime(path, (time.time() - age,) * 2)
    leftovers.clean(folder / "incomplete.own_1.0.0")
    assert sorted(path.name for path in folder.iterdir()) == [
        "incomplete.full_1.0.0", "incomplete.new_1.0.0",
    ]  # fmt: skip


def test_what_was_on_its_way_to_a_bucket_is_swept(folder, monkeypatch):
    monkeypatch.setattr(work.tempfile, "gettempdir", lambda: str(folder))
    monkeypatch.setattr(work.tempfile, "tempdir", str(folder))
    own = work.spool(epath.Path("s3://bucket/data/train-00000"))
    dead = own.parent / own.name.replace(f"~{os.getpid()}~", "~99999999~")
    dead.write_bytes(b"half a shard")
    (folder / ".tmp-of-others").write_bytes(b"x")
    assert work.sweep_spooled() == 1
    assert {path.name for path in folder.iterdir()} == {own.name, ".tmp-of-others"}
