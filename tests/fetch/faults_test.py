"""A disk that fills up and a folder that cannot be written end with a word, and lose nothing."""

from __future__ import annotations

import dataclasses
import io
import os
import random
import tarfile

import limits
import nasty_server
import pytest

from cytoimagenet_tfds import errors, fetch, sources
from cytoimagenet_tfds.fetch import lock, run
from cytoimagenet_tfds.sources.base import Download

SIZE = 4 << 20
CLIENT = fetch.Client(fetch.Settings(attempts=2, backoff=0.0, segment=1 << 18, connections=2))
CONTENT = random.Random(3).randbytes(SIZE - (1 << 20))


def _source(*urls: str) -> sources.Source:
    downloads = tuple(Download(url=url) for url in urls)
    return dataclasses.replace(sources.get("bbbc006"), downloads=downloads)


def test_a_file_that_cannot_fit_is_not_begun(tmp_path):
    with limits.small_disk(tmp_path / "disk", SIZE) as disk, nasty_server.serve(CONTENT) as server:
        limits.fill(disk, free=1 << 20)
        with pytest.raises(errors.FetchError, match=r"has 0.0 GB free; good.zip needs 0.0 GB more"):
            run.fetch_web(_source(server.url("good.zip")), str(disk), CLIENT)
        assert not (disk / "good.zip").exists()


def test_a_disk_that_fills_up_on_the_way_keeps_what_came(tmp_path):
    with limits.small_disk(tmp_path / "disk", SIZE) as disk, nasty_server.serve(CONTENT) as server:
        source = _source(server.url("good.zip"))
        with pytest.raises(errors.FetchError, match="the disk is full; what has arrived is kept"):
            run.fetch_web(source, str(disk), CLIENT, begin=lambda job: _filling(disk))
        assert not (disk / "good.zip").exists()
        assert lock.Lock(disk).names() == []
        (disk / "filler").unlink()
        server.ranges.clear()
        assert run.fetch_web(source, str(disk), CLIENT) == ["good.zip"]
        assert (disk / "good.zip").read_bytes() == CONTENT
        fetched = sum(end - start for start, end in server.ranges)
        assert fetched < 0.7 * len(CONTENT)  # the rest was there
        assert run.verify(disk) == []


def _filling(disk):
    """Progress that takes the last room when half of the file is there."""
    come = 0

    def update(count):
        nonlocal come
        come += count
        if come >= len(CONTENT) // 2 and not (disk / "filler").exists():
            limits.fill(disk)

    return update


def test_a_record_that_cannot_be_written_leaves_the_one_before(tmp_path):
    with limits.small_disk(tmp_path / "disk", SIZE) as disk:
        own = lock.Lock(disk)
        own.add("a.zip", fetch.Fetched(1, "00", "http://h/a.zip"))
        before = own.path.read_bytes()
        limits.fill(disk)
        with pytest.raises(OSError, match="No space left"):
            own.add("b.zip", fetch.Fetched(1, "00", "http://h/" + "b" * 5000))
        assert own.path.read_bytes() == before
        assert lock.Lock(disk).names() == ["a.zip"]


def test_an_archive_that_does_not_fit_unpacked_stays_packed(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.tif")
        member.size = 2 * SIZE
        archive.addfile(member, io.BytesIO(bytes(range(256)) * (member.size // 256)))
    content = buffer.getvalue()
    with limits.small_disk(tmp_path / "disk", SIZE) as disk, nasty_server.serve(content) as server:
        source = _source(server.url("good.tar.gz"))
        with pytest.raises(errors.FetchError, match="the disk is full"):
            run.fetch_web(source, str(disk), CLIENT)
        found = sorted(path.name for path in disk.iterdir())
        assert found == ["cytoimagenet.lock.json", "good.tar.gz"]
        server.asked.clear()
        with pytest.raises(errors.FetchError, match="the disk is full"):
            run.fetch_web(source, str(disk), CLIENT)
        assert server.asked == {}  # what came is not asked for again


_FETCH = """
import dataclasses, sys
from cytoimagenet_tfds import cli, sources
from cytoimagenet_tfds.sources.base import Download
source = dataclasses.replace(sources.get("bbbc006"), downloads=(Download(url=sys.argv[2]),))
sources.get = lambda name: source
sys.exit(cli.main(["fetch", "bbbc006", "--to", sys.argv[1]]))
"""


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with nasty_server.serve(CONTENT) as server:
        with limits.read_only(tmp_path / "locked") as locked:
            done = limits.run(_FETCH, locked, server.url("good.zip"))
        assert done.returncode == 1
        assert f"{locked}/bbbc006 cannot be written: writing is not permitted" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(locked.iterdir()) == []
        (locked / "bbbc006").mkdir()
        with limits.read_only(locked / "bbbc006") as inner:
            done = limits.run(_FETCH, locked, server.url("good.zip"))
        assert done.returncode == 1
        assert "writing is not permitted there" in done.stderr
        assert "Traceback" not in done.stderr
        assert os.listdir(inner) == []
        assert limits.run(_FETCH, locked, server.url("good.zip")).returncode == 0
        assert (inner / "good.zip").read_bytes() == CONTENT
