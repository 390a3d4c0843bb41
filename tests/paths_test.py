"""Paths in object stores: one route, whatever is imported; errors that Python knows."""

from __future__ import annotations

import os
import subprocess
import sys

import fsspec
import gcs_server
import pytest
import s3_server
from etils import epath
from etils.epath import backend

from cytoimagenet_tfds import archives, errors, files, paths
from cytoimagenet_tfds.build import leftovers, storage


@pytest.fixture(scope="module", params=[s3_server, gcs_server], ids=["s3", "gs"])
def bucket(request):
    with request.param.serve("paths") as address:
        yield address


def test_a_folder_is_renamed_and_removed(bucket):
    folder = epath.Path(f"{bucket}/a/b")
    (folder / "one.txt").write_text("1")
    (folder / "c" / "ü %.txt").write_text("2")
    moved = folder.rename(f"{bucket}/d")
    assert isinstance(moved, paths.StorePath)
    assert not folder.exists()
    assert (moved / "c" / "ü %.txt").read_text() == "2"
    assert [path.name for path in sorted(moved.iterdir())] == ["c", "one.txt"]
    moved.rmtree()
    assert not moved.exists()


def test_a_rename_that_is_killed_leaves_a_mark_and_no_description(bucket, monkeypatch):
    folder = epath.Path(f"{bucket}/incomplete")
    for name in ("dataset_info.json", "features.json", "train-0", "train-1"):
        (folder / name).write_text(name)
    store, _ = fsspec.core.url_to_fs(bucket)
    copy = store.cp_file

    def killed(source, target):
        copy(source, target)
        if source.endswith("train-1"):
            raise KeyboardInterrupt

    target = epath.Path(f"{bucket}/1.0.0")
    with monkeypatch.context() as patched:
        patched.setattr(store, "cp_file", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.rename(target)
    assert sorted(path.name for path in target.iterdir()) == [
        paths.UNFINISHED, "train-0", "train-1",
    ]  # fmt: skip
    leftovers.remove_half(target)
    assert not target.exists()
    folder.rename(target)
    leftovers.remove_half(target)
    assert len(list(target.iterdir())) == 4


def test_the_time_of_the_last_change_is_known(bucket):
    path = epath.Path(f"{bucket}/when.txt")
    path.write_bytes(b"12345")
    found = path.stat()
    assert found.length == 5
    modified = fsspec.filesystem(bucket.partition(":")[0]).modified(str(path))
    assert found.mtime == int(modified.timestamp())


def test_what_is_not_there_is_a_missing_file(bucket):
    with pytest.raises(FileNotFoundError):
        epath.Path(f"{bucket}/nothing").read_bytes()
    with pytest.raises(errors.ImageError) as caught:
        files.read_bytes(bucket, files.FileRef("nothing.tif"))
    assert caught.value.reason == "missing file"


def test_of_a_large_object_a_part_is_read(bucket, monkeypatch):
    monkeypatch.setattr(files, "LARGE", 1000)
    epath.Path(f"{bucket}/small.bin").write_bytes(bytes(1000))
    epath.Path(f"{bucket}/large.bin").write_bytes(bytes(range(250)) * 5)
    assert files.read_or_open(bucket, files.FileRef("small.bin")) == bytes(1000)
    with files.read_or_open(bucket, files.FileRef("large.bin")) as file:
        file.seek(500)
        assert file.read(3) == b"\x00\x01\x02"
    with pytest.raises(errors.ImageError, match="no such file"):
        files.read_or_open(bucket, files.FileRef("none.bin"))


def test_a_store_that_fails_is_a_read_error(bucket, monkeypatch):
    failure = type("HttpError", (Exception,), {"__module__": "gcsfs.retry"})

    def fail(*args, **names):
        raise failure("no access, 401")

    for store in (fsspec.core.url_to_fs(bucket)[0], backend.fsspec_backend.fs(bucket)):
        monkeypatch.setattr(store, "cat_file", fail)
    with pytest.raises(errors.ImageError, match="no access, 401") as caught:
        files.read_bytes(bucket, files.FileRef("a.tif"))
    assert caught.value.reason == "read error"
    with pytest.raises(OSError, match="no access, 401"):
        archives.read(f"{bucket}/a.zip", archives.Span("zip", 0, 1, 1))


def test_other_errors_stay_what_they_are():
    with pytest.raises(KeyError), paths.failures_of("gs://b/x"):
        raise KeyError("x")


def test_a_missing_client_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr(paths.importlib.util, "find_spec", lambda name: None)
    expected = r"needs gcsfs, which is not installed: pip install 'cytoimagenet-tfds\[gcs\]'"
    with pytest.raises(errors.ConfigError, match=expected):
        archives.index("gs://b/a.zip")
    with pytest.raises(errors.ConfigError) as caught:
        storage.check_clients([("--data_dir", "gs://b/data"), ("--manual_dir", "s3://b/raw")])
    assert "[gcs]" in str(caught.value)
    assert "[s3]" in str(caught.value)
    assert paths.missing_client("/disk") == ""


@pytest.mark.parametrize("first", ["", "import tensorflow_datasets\n"])
def test_a_bucket_is_reached_without_tensorflow(first):
    pytest.importorskip("gcsfs", reason="no GCS client: gcsfs is not installed")
    code = (
        f"{first}import sys, cytoimagenet_tfds\nfrom etils import epath\n"
        "print(type(epath.Path('gs://b/x')).__name__, epath.Path('gs://b') / 'x', "
        "'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["StorePath", "gs://b/x", "False"]


@pytest.mark.parametrize(
    ("raised", "refused"),
    [(FileNotFoundError("x"), ""), (PermissionError(13, "Forbidden"), "Forbidden"),
     (OSError("Anonymous caller\x1b has no access"), "Anonymous caller\\x1b has no access"),
     (None, "")],
)  # fmt: skip
def test_a_store_that_lets_nobody_in_says_so(bucket, monkeypatch, raised, refused):

    store, _ = fsspec.core.url_to_fs(os.fspath(bucket))

    def refuse(*_, **__):
        if raised:
            raise raised
        return []

    monkeypatch.setattr(store, "ls", refuse)
    assert paths.refusal(bucket) == refused
    told = storage.check_reachable
    if refused:
        with pytest.raises(errors.ConfigError, match="Log in"):
            told([("--manual_dir", bucket), ("--data_dir", "/tmp")])
    else:
        told([("--manual_dir", bucket), ("--data_dir", "/tmp")])
