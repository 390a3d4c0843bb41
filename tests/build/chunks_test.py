from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
import zlib
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import chunks, work

IMAGES = {"toy/a.png": b"first image", "toy/b.png": b"second"}


@pytest.fixture
def folder(tmp_path):
    """A folder with the committed chunk `one`: two images and a rejected row."""
    path = epath.Path(tmp_path)
    with chunks.Writer(path, "one") as writer:
        for key, png in IMAGES.items():
            writer.add(chunks.Line(key=key, fingerprint="f", width=3, height=2), png)
        writer.add(chunks.Line(key="toy/c.png", fingerprint="g", reason="dim", message="dark"))
        writer.commit()
    return path


def test_a_committed_chunk_is_read_back(folder):
    table = chunks.read(folder, "one", check_bytes=True)
    assert list(table["key"]) == ["toy/a.png", "toy/b.png", "toy/c.png"]
    assert list(table["reason"]) == ["", "", "dim"]
    assert list(table["length"]) == [11, 6, 0]
    for line in table.itertuples():
        record = SimpleNamespace(chunk="one", **dict(line._asdict()))
        assert chunks.read_image(folder, record) == IMAGES.get(line.key, b"")
    assert sorted(path.name for path in folder.iterdir()) == ["one.bin", "one.parquet"]


def test_columns_of_the_table_are_those_of_a_line():
    assert chunks.arrow_schema().names == list(chunks.Line._fields)


def test_an_uncommitted_chunk_does_not_count_and_leaves_nothing(tmp_path):
    path = epath.Path(tmp_path)
    with chunks.Writer(path, "one") as writer:
        writer.add(chunks.Line(key="k", fingerprint="f"), b"x")
    assert chunks.read(path, "one") is None
    assert list(path.iterdir()) == []


def test_a_worker_that_dies_over_a_chunk_leaves_that_of_another_whole(folder):
    def die():
        with chunks.Writer(folder, "one") as writer:
            writer.add(chunks.Line(key="toy/a.png", fingerprint="f"), b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert list(chunks.read(folder, "one", check_bytes=True)["length"]) == [11, 6, 0]


def test_two_workers_may_write_one_chunk_at_once(folder):
    first, second = chunks.Writer(folder, "two"), chunks.Writer(folder, "two")
    with first:
        first.add(chunks.Line(key="toy/a.png", fingerprint="f"), b"same")
        # Threads of one process would share a name: each worker is its own.
        second._part = second._part.with_name(f"{second._part.name}2")
        with second:
            second.add(chunks.Line(key="toy/a.png", fingerprint="f"), b"same")
            assert second.commit() == 1
        assert chunks.read(folder, "two", check_bytes=True) is not None
        first.commit()
    assert chunks.read(folder, "two", check_bytes=True)["crc32"].tolist() == [zlib.crc32(b"same")]
    assert not list(folder.glob(".tmp-*"))


def test_any_changed_byte_of_a_table_is_found_or_changes_nothing(folder):
    table = chunks.read(folder, "one")
    whole = (folder / "one.parquet").read_bytes()
    taken = 0
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        (folder / "one.parquet").write_bytes(bytes(damaged))
        found = chunks.read(folder, "one")
        if found is not None:
            taken += 1
            assert found.equals(table)
    assert taken < len(whole) // 7


def test_a_full_disk_is_an_error_and_leaves_no_chunk(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    path = epath.Path(tmp_path)

    def write():
        with chunks.Writer(path, "one") as writer:
            writer.add(chunks.Line(key="k", fingerprint="f"), b"x")
            writer.commit()

    with pytest.raises(OSError, match="No space left"):
        write()
    assert list(path.iterdir()) == []


def _cut_bytes(folder):
    (folder / "one.bin").write_bytes((folder / "one.bin").read_bytes()[:-1])


def _no_bytes(folder):
    (folder / "one.bin").unlink()


def _cut_table(folder):
    (folder / "one.parquet").write_bytes((folder / "one.parquet").read_bytes()[:-20])


def _text_table(folder):
    (folder / "one.parquet").write_text("not a table")


def _empty_table(folder):
    (folder / "one.parquet").write_bytes(b"")


def _other_chunk(folder):
    (folder / "one.parquet").rename(folder / "two.parquet")
    (folder / "one.bin").rename(folder / "two.bin")


def _other_columns(folder):
    table = pq.read_table(folder / "one.parquet")
    pq.write_table(table.drop_columns(["crc32"]), folder / "one.parquet")


@pytest.mark.parametrize(
    "damage",
    [_cut_bytes, _no_bytes, _cut_table, _text_table, _empty_table, _other_chunk, _other_columns],
)
def test_a_damaged_chunk_does_not_count(folder, damage):
    damage(folder)
    assert chunks.read(folder, "one") is None
    assert chunks.read(folder, "two") is None


def test_changed_bytes_of_the_same_length_are_found(folder):
    data = bytearray((folder / "one.bin").read_bytes())
    data[12] ^= 1
    (folder / "one.bin").write_bytes(bytes(data))
    assert chunks.read(folder, "one", check_bytes=True) is None
    table = chunks.read(folder, "one").assign(chunk="one")
    first, second = list(table.itertuples())[:2]
    assert chunks.read_image(folder, first) == b"first image"
    with pytest.raises(errors.BuildError, match=r"toy/b\.png .* damaged"):
        chunks.read_image(folder, second)


def test_what_dead_processes_left_is_swept(folder):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = os.uname().nodename
    names = {
        f".tmp-{host}~{dead.pid}~1~x.bin": False,
        f".tmp-{host}~{os.getpid()}~1~x.bin": True,
        ".tmp-otherhost~1~1~x.bin": True,
        ".tmp-otherhost~1~1~old.bin": False,
        ".tmp-": True,
        "one.bin": True,
    }
    for name in names:
        (folder / name).write_bytes(b"x")
    yesterday = time.time() - 25 * 3600
    os.utime(folder / ".tmp-otherhost~1~1~old.bin", (yesterday, yesterday))
    assert work.sweep(folder) == 2
    left = {path.name for path in folder.iterdir()}
    assert left == {name for name, stays in names.items() if stays} | {"one.parquet"}


def test_removing_a_work_folder_keeps_what_others_have(tmp_path):
    own = work.WorkFolder(str(tmp_path / ".work" / "sample" / "1.0.0"))
    other = tmp_path / ".work" / "full"
    for path in (own.path, other):
        path.mkdir(parents=True)
    own.remove()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / ".work", other]
    own.remove()
