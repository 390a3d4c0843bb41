"""A file arrives whole, or the user learns why not; nothing half-written is taken for whole."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import nasty_server
import numpy as np
import pytest

from cytoimagenet_tfds import errors, fetch

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SETTINGS = fetch.Settings(connections=3, attempts=3, backoff=0.5, segment=40_000, timeout=5.0)


class Waits(list[float]):
    """Stands for `time.sleep` and keeps what it was asked for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def server():
    with nasty_server.serve(CONTENT) as running:
        yield running


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client(waits: Waits) -> fetch.Client:
    return fetch.Client(SETTINGS, sleep=waits)


@pytest.mark.parametrize("way", ["good", "drop", "norange", "redirect", "busy", "weak"])
def test_the_right_file_arrives(server, client, tmp_path: Path, way: str) -> None:
    came: list[int] = []
    target = tmp_path / "deep" / "file.bin"
    fetched = fetch.download(server.url(f"{way}.bin"), target, client, progress=came.append)
    assert target.read_bytes() == CONTENT
    assert (fetched.size, fetched.sha256) == (len(CONTENT), SHA256)
    assert sum(came) == len(CONTENT)
    assert [path.name for path in target.parent.iterdir()] == ["file.bin"]


def test_parts_are_fetched_side_by_side_and_each_once(server, client, tmp_path: Path) -> None:
    fetch.download(server.url("good.bin"), tmp_path / "f", client)
    parts = sorted(server.ranges[1:])
    assert parts == [(s, min(s + 40_000, 300_000)) for s in range(0, 300_000, 40_000)]
    assert server.agents == {fetch.Settings().user_agent}


def test_a_server_that_asks_for_patience_gets_it(server, client, waits, tmp_path: Path) -> None:
    fetch.download(server.url("busy.bin"), tmp_path / "f", client)
    assert set(waits) == {7.0}


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("missing", "404"),
        ("login", "403"),
        ("loop", "redirects"),
        ("lie-long", "3 attempts"),
        ("wrong", "content is wrong"),
    ],
)
def test_what_cannot_be_had_is_said_and_leaves_no_file(
    server, client, tmp_path: Path, way: str, words: str
) -> None:
    with pytest.raises(errors.FetchError, match=words):
        fetch.download(server.url(f"{way}.bin"), tmp_path / "f", client, sha256=SHA256)
    assert not (tmp_path / "f").exists()


def test_a_file_that_changes_meanwhile_is_fetched_anew(server, client, tmp_path: Path) -> None:
    fetch.download(server.url("change.bin"), tmp_path / "f", client)
    assert (tmp_path / "f").read_bytes() == CONTENT[::-1]


def test_another_size_than_declared_is_refused_before_the_download(
    server, client, tmp_path: Path
) -> None:
    with pytest.raises(errors.FetchError, match="expected 5"):
        fetch.download(server.url("good.bin"), tmp_path / "f", client, size=5)
    assert len(server.ranges) == 1


def test_an_unreachable_server_is_given_up_after_growing_waits(tmp_path: Path, waits) -> None:
    client = fetch.Client(dataclasses.replace(SETTINGS, attempts=4), sleep=waits)
    with pytest.raises(errors.FetchError, match="4 attempts"):
        fetch.download("http://127.0.0.1:9/nothing", tmp_path / "f", client)
    assert waits == [0.5, 1.0, 2.0]


def test_an_empty_file_is_a_file(client, tmp_path: Path) -> None:
    with nasty_server.serve(b"") as server:
        fetched = fetch.download(server.url("good.bin"), tmp_path / "f", client)
    assert fetched.size == 0
    assert (tmp_path / "f").read_bytes() == b""


def test_a_second_run_goes_on_where_the_first_was_cut(server, client, tmp_path: Path) -> None:
    """The first client gives up in the middle of a segment."""
    impatient = fetch.Client(dataclasses.replace(SETTINGS, attempts=1), sleep=lambda _: None)
    with pytest.raises(errors.FetchError, match="run the same command again"):
        fetch.download(server.url("drop.bin"), tmp_path / "f", impatient)
    kept = (tmp_path / "f.part").stat().st_size
    assert kept
    came: list[int] = []
    server.content = CONTENT
    fetch.download(server.url("good.bin"), tmp_path / "f", client, progress=came.append)
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert came[0] > 0
    assert sum(came) == len(CONTENT)


def test_a_part_of_another_version_is_not_gone_on_with(server, client, tmp_path: Path) -> None:
    impatient = fetch.Client(dataclasses.replace(SETTINGS, attempts=1), sleep=lambda _: None)
    with pytest.raises(errors.FetchError):
        fetch.download(server.url("drop.bin"), tmp_path / "f", impatient)
    server.content = CONTENT[::-1]
    fetch.download(server.url("good.bin"), tmp_path / "f", client)
    assert (tmp_path / "f").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("damage", ["{}", "no json", '{"segments": [[0, 9, 5]]}'])
def test_a_damaged_record_means_a_new_start(server, client, tmp_path: Path, damage: str) -> None:
    (tmp_path / "f.part").write_bytes(b"rubbish")
    (tmp_path / "f.part.json").write_text(damage)
    fetch.download(server.url("good.bin"), tmp_path / "f", client)
    assert (tmp_path / "f").read_bytes() == CONTENT


_KILLED = """
import sys
from pathlib import Path
from cytoimagenet_tfds import fetch
from cytoimagenet_tfds.fetch import transfer
transfer._SAVE_EVERY = 1
client = fetch.Client(fetch.Settings(connections=1, attempts=1000, backoff=0.02, segment=100_000))
fetch.download(sys.argv[1], Path(sys.argv[2]), client)
"""


def test_kill_in_the_middle_leaves_nothing_that_looks_whole(server, client, tmp_path: Path) -> None:
    target = tmp_path / "f"
    process = subprocess.Popen([sys.executable, "-c", _KILLED, server.url("drop.bin"), str(target)])
    record = tmp_path / "f.part.json"
    deadline = time.monotonic() + 60
    while not record.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert record.exists()
    assert not target.exists()
    came: list[int] = []
    fetch.download(server.url("good.bin"), target, client, progress=came.append)
    assert target.read_bytes() == CONTENT
    assert came[0] >= 5000


def test_a_full_disk_is_said_before_it_fills(server, client, tmp_path: Path, monkeypatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(errors.FetchError, match="GB free"):
        fetch.download(server.url("good.bin"), tmp_path / "f", client)


def test_a_folder_that_is_a_file_is_a_clear_error(server, client, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("")
    with pytest.raises(errors.FetchError, match="cannot be written"):
        fetch.download(server.url("good.bin"), tmp_path / "folder" / "f", client)


def test_without_a_network_the_error_says_so_and_waits_are_told(tmp_path: Path, caplog) -> None:
    client = fetch.Client(fetch.Settings(attempts=3, backoff=0.0))
    with pytest.raises(errors.FetchError, match=r"Has this machine a network\?.* HTTPS_PROXY"):
        fetch.download("http://no-such-host.invalid/a.zip", tmp_path / "a.zip", client)
    assert [record.message[:22] for record in caplog.records] == ["Attempt 2 of 3 failed "]
