"""A `.tar.gz` becomes a `.tar` that is read where it lies, whole or not at all."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import tracemalloc
from pathlib import Path

import fsspec
import pandas as pd
import pytest
import web
from hypothesis import given
from hypothesis import strategies as st
from trees import bbbc025 as tree

from cytoimagenet_tfds import archives, cli, errors, fetch, sources
from cytoimagenet_tfds.fetch import lock, run, stage, unpack
from cytoimagenet_tfds.sources.base import Download

CLIENT = fetch.Client(fetch.Settings(attempts=2, backoff=0.0))
NAMES = ("37983_Mito", "38034_Hoechst")


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> Path:
    """Two folders of BBBC025, unpacked."""
    root = tmp_path_factory.mktemp("content")
    tree.make(root / "all")
    for name in NAMES:
        (root / "all" / name).rename(root / name)
    return root


@pytest.fixture
def site(content, tmp_path):
    """A web server with the archives; gives its address and its folder."""
    root = tmp_path / "site"
    root.mkdir()
    for name in NAMES:
        with tarfile.open(root / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(content / name, name)
    with web.serve(root) as url:
        yield url, root


@pytest.fixture
def source(site):
    downloads = tuple(Download(url=f"{site[0]}/{name}.tar.gz") for name in NAMES)
    return dataclasses.replace(sources.get("bbbc025"), downloads=downloads)


def _rows(source, folder):
    return source.table(folder).drop(columns="files")


def test_archives_are_unpacked_recorded_and_read(source, site, content, tmp_path):
    folder = tmp_path / "data"
    done = run.fetch_web(source, str(folder), CLIENT)
    assert done == [f"{name}.tar" for name in NAMES]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*done, lock.NAME])
    for name in NAMES:
        packed = (site[1] / f"{name}.tar.gz").read_bytes()
        plain = gzip.decompress(packed)
        assert (folder / f"{name}.tar").read_bytes() == plain
        assert lock.Lock(folder).get(f"{name}.tar") == fetch.Fetched(
            len(plain), hashlib.sha256(plain).hexdigest(), f"{site[0]}/{name}.tar.gz",
            len(packed), hashlib.sha256(packed).hexdigest(),
        )  # fmt: skip
    unpacked = tmp_path / "unpacked"
    for name in NAMES:
        shutil.copytree(content / name, unpacked / name)
    pd.testing.assert_frame_equal(_rows(source, folder), _rows(source, unpacked))
    assert run.verify(folder) == []
    begun: list[str] = []
    run.fetch_web(source, str(folder), CLIENT, begin=lambda job: begun.append(job.name))
    assert begun == []


def test_a_tar_that_was_lost_comes_again_and_must_be_the_same(source, site, tmp_path):
    folder = tmp_path / "data"
    run.fetch_web(source, str(folder), CLIENT)
    (folder / "37983_Mito.tar").unlink()
    run.fetch_web(source, str(folder), CLIENT)
    assert run.verify(folder) == []
    (folder / "37983_Mito.tar").unlink()
    (site[1] / "37983_Mito.tar.gz").write_bytes(gzip.compress(b"another"))
    with pytest.raises(errors.FetchError, match="content is wrong"):
        run.fetch_web(source, str(folder), CLIENT)


_SLOW = """
import sys, time
from pathlib import Path
from cytoimagenet_tfds.fetch import unpack
blocks = unpack.blocks
def slow(*args):
    for block in blocks(*args):
        yield block
        time.sleep(0.2)
unpack._BLOCK = 2000
unpack.blocks = slow
from cytoimagenet_tfds.fetch import run
run.unpack_all(sys.argv[1])
"""


def test_killed_while_it_unpacks_nothing_half_is_taken_for_whole(source, site, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for path in site[1].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    process = subprocess.Popen([sys.executable, "-c", _SLOW, str(folder)])
    part = folder / "37983_Mito.tar.part"
    deadline = time.monotonic() + 60
    while not part.exists() or not part.stat().st_size:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "37983_Mito.tar").exists()
    assert cli.main(["fetch", "bbbc025", "--unpack", f"--to={tmp_path}"]) == 1  # another folder
    folder.rename(tmp_path / "bbbc025")
    assert cli.main(["fetch", "bbbc025", "--unpack", f"--to={tmp_path}"]) == 0
    found = sorted(path.name for path in (tmp_path / "bbbc025").iterdir())
    assert found == sorted([*(f"{name}.tar" for name in NAMES), lock.NAME])
    assert len(source.table(tmp_path / "bbbc025")) == 4
    assert run.verify(tmp_path / "bbbc025") == []


@pytest.mark.parametrize("recorded", [False, True])
def test_killed_before_the_packed_one_is_gone(source, site, tmp_path, recorded):
    folder = tmp_path / "data"
    run.fetch_web(source, str(folder), CLIENT)
    packed = (site[1] / "37983_Mito.tar.gz").read_bytes()
    (folder / "37983_Mito.tar.gz").write_bytes(packed)
    own = lock.Lock(folder)
    digest = hashlib.sha256(packed).hexdigest()
    own.add("37983_Mito.tar.gz", fetch.Fetched(len(packed), digest, ""))
    if not recorded:
        own.remove("37983_Mito.tar")
    run.fetch_web(source, str(folder), CLIENT)
    assert not (folder / "37983_Mito.tar.gz").exists()
    assert lock.Lock(folder).names() == [f"{name}.tar" for name in NAMES]
    assert run.verify(folder) == []


def test_on_its_way_to_a_store_it_is_unpacked(source, site):
    name, (url, root) = NAMES[0], site
    packed = (root / f"{name}.tar.gz").read_bytes()
    target = f"memory://bucket/{name}.tar"
    digest = hashlib.sha256(packed).hexdigest()
    fetched = stage.copy(f"{url}/{name}.tar.gz", target, CLIENT, sha256=digest, packed=True)
    plain = fsspec.filesystem("memory").cat(f"/bucket/{name}.tar")
    assert plain == gzip.decompress(packed)
    assert (fetched.size, fetched.packed_size) == (len(plain), len(packed))
    assert fetched.packed_sha256 == digest
    (root / "bad.tar.gz").write_bytes(packed[:-100])
    with pytest.raises(errors.FetchError, match="breaks off"):
        stage.copy(f"{url}/bad.tar.gz", "memory://bucket/bad.tar", CLIENT, packed=True)
    assert not fsspec.filesystem("memory").exists("/bucket/bad.tar")


def _tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def _member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
    return member


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ((_member("../out.tif"),), "'../out.tif' would lie outside"),
        ((_member("/etc/x.tif"),), "'/etc/x.tif' would lie outside"),
        ((_member("a.tif", tarfile.SYMTYPE),), "'a.tif' is a link"),
        ((_member("a.tif"), _member("a.tif")), "'a.tif' stands there twice"),
    ],
)
def test_hostile_archives_are_refused_with_the_member(tmp_path, members, named):
    packed = _tar(tmp_path / "a.tar.gz", *members)
    with pytest.raises(errors.SourceLayoutError, match=named):
        unpack.to_tar(packed, tmp_path / "a.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_bombs_and_damage_are_refused_and_leave_nothing(tmp_path):
    packed = tmp_path / "a.tar.gz"
    whole = gzip.compress(b"x" * 5000 + bytes(range(256)) * 40)
    for content, message in [
        (gzip.compress(bytes(120 << 20), 1), "is refused: .* grow to more than"),
        (whole[:-5], "breaks off"),
        (b"", "breaks off"),
        (b"no gzip", "is damaged"),
        (whole[:30] + b"\xff" * 9 + whole[39:], "is damaged"),
        (whole + b"behind it", "is damaged"),
    ]:
        packed.write_bytes(content)
        with pytest.raises(errors.FetchError, match=message):
            unpack.to_tar(packed, tmp_path / "a.tar")
        assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
    packed.write_bytes(whole)
    with pytest.raises(errors.SourceLayoutError, match="no whole archive"):
        unpack.to_tar(packed, tmp_path / "a.tar")


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=4), st.integers(1, 50))
def test_any_content_comes_out_as_it_was(parts, step):
    packed = b"".join(map(gzip.compress, parts)) + bytes(step % 3)
    pieces = [packed[at : at + step] for at in range(0, len(packed), step)]
    assert b"".join(unpack.blocks(pieces, "x")) == b"".join(parts)


def test_memory_does_not_grow_with_the_archive():
    packed = gzip.compress(bytes(60 << 20), 1)
    tracemalloc.start()
    try:
        assert sum(map(len, unpack.blocks([packed], "x"))) == 60 << 20
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_names():
    assert unpack.stored_name("a/B.TAR.GZ") == "a/B.tar"
    assert unpack.stored_name("b.tgz") == "b.tar"
    assert not unpack.is_packed("table.csv.gz")
    assert archives.SUFFIXES == (".zip", ".tar")
