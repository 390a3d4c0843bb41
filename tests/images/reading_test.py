"""Files by path: content decides, and what cannot be read says why."""

from __future__ import annotations

import io
import os
import pathlib

import image_files
import numpy as np
import pytest
from etils import epath

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.images import reading

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
PNG = image_files.pillow(GREY, "PNG")


@pytest.mark.parametrize("kind", [str, pathlib.Path, epath.Path])
def test_any_kind_of_path(tmp_path, kind):
    path = tmp_path / "image.tif"  # a PNG all the same
    path.write_bytes(PNG)
    np.testing.assert_array_equal(images.read(kind(os.fspath(path))), GREY)


def test_remote_paths_go_through_epath(tmp_path, monkeypatch):
    local = tmp_path / "a.png"
    local.write_bytes(PNG)
    asked = []

    def path(name: str) -> pathlib.Path:
        asked.append(name)
        return local

    monkeypatch.setattr(epath, "Path", path)
    np.testing.assert_array_equal(images.read("gs://bucket/a.png"), GREY)
    assert asked == ["gs://bucket/a.png"]


def test_stacks_are_not_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "stack.tif"
    stack = np.zeros((200, 64, 64), np.uint16)
    stack[3] = 7
    path.write_bytes(image_files.tiff(stack))
    read = 0

    class Counted:
        def __init__(self, handle):
            self.handle = handle

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.handle.close()

        def __getattr__(self, name):
            return getattr(self.handle, name)

        def read(self, size=-1):
            nonlocal read
            data = self.handle.read(size)
            read += len(data)
            return data

        def readinto(self, buffer):
            nonlocal read
            count = self.handle.readinto(buffer)
            read += count
            return count

    monkeypatch.setattr(reading, "_SMALL", 1000)
    monkeypatch.setattr(reading, "_open", lambda name: Counted(io.FileIO(name)))
    assert (images.read(path, 3) == 7).all()
    assert read < path.stat().st_size / 10


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"well,site\nA01,1\n", "unknown format"),
        (b"<html>404</html>" * 50, "unknown format"),
        (b"\0\5\x16\7" + bytes(100), "unknown format"),  # the twin macOS leaves beside a file
        (PNG[:30], "truncated"),
    ],
)
def test_reasons(tmp_path, content, reason):
    path = tmp_path / "text.png"
    path.write_bytes(content)
    with pytest.raises(errors.ImageError) as caught:
        images.read(path)
    assert caught.value.reason == reason
    assert str(caught.value).startswith(f"{path}: ")


def test_missing_file_and_folder(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(errors.ImageError, match="there is no such file") as caught:
            images.read(path)
        assert caught.value.reason == "missing file"


def test_name_heads_messages():
    with pytest.raises(errors.ImageError, match=r"^plate 1/a\.png: the file has 0 bytes"):
        images.decode(b"", name="plate 1/a.png")


def test_a_failing_file_system_is_not_a_broken_image(monkeypatch, tmp_path):
    def fail(name: str):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(reading, "_open", fail)
    with pytest.raises(OSError, match="Input/output error"):
        images.read(tmp_path / "a.png")


def test_nothing_is_printed(tmp_path, capfd):
    broken = [PNG[:40], image_files.pillow(GREY, "JPEG")[:300], image_files.tiff(GREY)[:120]]
    for content in broken:
        with pytest.raises(errors.ImageError):
            images.decode(content)
    assert capfd.readouterr() == ("", "")


def test_file_larger_than_any_image_within_the_limit():
    with pytest.raises(errors.ImageError, match="needs at most") as caught:
        images.decode(PNG + bytes(2**20 + 200), max_pixels=12)
    assert caught.value.reason == "too large"
