"""Members of archives that stay open: the same bytes and errors as of `files.read_bytes`."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from concurrent import futures

import fsspec
import numpy as np
import pytest

from cytoimagenet_tfds import archives, errors, files, members

RNG = np.random.default_rng(0)
FILES = {f"a/{number}.png": RNG.bytes(1000 + number) for number in range(40)}


def _write(path, method):
    if method is None:
        with tarfile.open(path, "w") as archive:
            for name, content in FILES.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)


def _references(folder, name):
    found = archives.index(folder / name)
    return {
        inner: files.FileRef(f"{name}/{inner}", span=span) for inner, span in found.items()
    }  # fmt: skip


@pytest.fixture(params=[("x.zip", 0), ("x.zip", 8), ("x.tar", None)], ids=str)
def archive(request, tmp_path):
    name, method = request.param
    _write(tmp_path / name, method)
    return str(tmp_path), _references(tmp_path, name)


@pytest.mark.parametrize("positioned", [True, False])
def test_each_member_has_its_own_content(archive, monkeypatch, positioned):
    root, references = archive
    if not positioned:
        monkeypatch.delattr(os, "pread")
    with members.Members() as opened:
        found = {name: opened.read(root, reference) for name, reference in references.items()}
    assert found == FILES


def test_several_threads_read_from_one(archive):
    root, references = archive
    with members.Members() as opened, futures.ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            found = pool.map(lambda reference: opened.read(root, reference), references.values())
            assert list(found) == list(FILES.values())
        assert len(opened._handles) == 1


def test_a_file_may_come_in_pieces(archive, monkeypatch):
    root, references = archive
    whole = os.pread
    monkeypatch.setattr(os, "pread", lambda file, size, at: whole(file, min(size, 100), at))
    with members.Members() as opened:
        assert opened.read(root, references["a/7.png"]) == FILES["a/7.png"]


def test_archives_are_closed_at_the_end(archive):
    root, references = archive
    with members.Members() as opened:
        opened.read(root, references["a/7.png"])
        (handle,) = opened._handles.values()
        os.fstat(handle)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)


def test_files_on_their_own_are_read_as_before(tmp_path):
    (tmp_path / "one.png").write_bytes(b"one")
    with members.Members() as opened:
        assert opened.read(str(tmp_path), files.FileRef("one.png")) == b"one"


def test_archives_in_an_object_store(tmp_path):
    _write(tmp_path / "x.zip", 0)
    fsspec.filesystem("memory").pipe("/members/x.zip", (tmp_path / "x.zip").read_bytes())
    reference = _references(tmp_path, "x.zip")["a/3.png"]
    with members.Members() as opened:
        assert opened.read("memory://members", reference) == FILES["a/3.png"]


SPAN = archives.Span("zip", 0, 1000, 1000, 0, 1)
WRONG = [
    files.FileRef("none.zip/a.png", span=SPAN),
    files.FileRef("../x.zip/a.png", span=SPAN),
    files.FileRef("folder.zip/a.png", span=SPAN),
    files.FileRef("x.zip/a.png", span=SPAN),
    files.FileRef("x.zip/a.png", span=archives.Span("zip", 1, 1000, 1000, 0, 1)),
    files.FileRef("x.zip/a.png", span=archives.Span("zip", 0, 1000, 2 << 30, 8, 1)),
]


@pytest.mark.parametrize("reference", WRONG, ids=str)
def test_what_is_wrong_is_told_in_the_same_words(tmp_path, reference):
    _write(tmp_path / "x.zip", 0)
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(errors.ImageError) as alone:
        files.read_bytes(str(tmp_path), reference)
    with members.Members() as opened, pytest.raises(errors.ImageError) as kept:
        opened.read(str(tmp_path), reference)
    assert (kept.value.reason, str(kept.value)) == (alone.value.reason, str(alone.value))


def test_a_disk_that_fails_is_a_read_error(archive, monkeypatch):
    root, references = archive

    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", broken)
    with members.Members() as opened, pytest.raises(errors.ImageError, match="output error") as e:
        opened.read(root, references["a/7.png"])
    assert e.value.reason == "read error"
