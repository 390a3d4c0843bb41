"""References of a plan that lead elsewhere, or are none: rejected row by row, nothing stops."""

from __future__ import annotations

import os
import sys
import zipfile

import plans
import pytest
from render_folder import Build

from cytoimagenet_tfds import archives, errors, files
from cytoimagenet_tfds.build import render


@pytest.fixture
def build(tmp_path):
    return Build(tmp_path)


UNSAFE = [
    "/etc/passwd", "../secret.png", "a/../../secret.png", "..", "file:///etc/passwd",
    "gs://bucket/a.png", "..\\secret.png", "a\\..\\..\\secret.png", "C:\\secret.png",
    "c:/secret.png", "\\\\server\\share\\a.png", "//server/share/a.png", "\\secret.png",
    "%2e%2e/secret.png", "%2Fetc%2Fpasswd", "a%00.png", "..%5csecret.png", "%2e.%2Fsecret.png",
]  # fmt: skip
BAD = [
    "good.png#plane=x", "good.png#plane=-1", "good.png#page=1", "good.png#region=1,2,3",
    "good.png#zip=1,2,3,4,5", "good.zip/a.png#zip=-1,2,3,0,5", "good.tar/a.png#tar=1", "#plane=1",
    "good.png#plane=99999999999999999999x", "%ff.png",
]  # fmt: skip


def test_every_reference_is_rejected_with_its_reason(build):
    plans.write_png(build.root / "good.png", plans.noise("good"))
    plans.write_png(build.root.parent / "secret.png", plans.noise("secret"))
    rows = [{"files": text, "key": f"toy/{n}"} for n, text in enumerate([*UNSAFE, *BAD])]
    rows.append({"files": "good.png"})
    done, lines = build.render(plans.plan(rows))
    assert done == [render.RENDERED]
    found = {line.key: line.reason for line in lines}
    reasons = ["unsafe path"] * len(UNSAFE) + ["bad reference"] * len(BAD)
    assert found == {f"toy/{n}": text for n, text in enumerate(reasons)} | {"toy/good.png": ""}


@pytest.mark.parametrize("region", ["5,5,0,9", "-4,3,0,9", "0,3,9,2", "0,99,0,3", "0,3,0,99"])
def test_regions_outside_or_without_pixels(build, region):
    plans.write_png(build.root / "good.png", plans.noise("good"))
    _, (line,) = build.render(plans.plan([{"files": f"good.png#region={region}"}]))
    assert line.reason == "region outside"


def test_links_out_of_the_folder_are_not_followed(build):
    outside = build.root.parent / "outside"
    plans.write_png(outside / "secret.png", plans.noise("secret"))
    plans.write_png(build.root / "in" / "good.png", plans.noise("good"))
    (build.root / "file.png").symlink_to(outside / "secret.png")
    (build.root / "folder").symlink_to(outside)
    (build.root / "again.png").symlink_to(build.root / "in" / "good.png")
    (build.root / "round").symlink_to(build.root)
    names = ["file.png", "folder/secret.png", "again.png", "round/round/in/good.png"]
    _, lines = build.render(plans.plan([{"files": name} for name in names]))
    assert {line.key.removeprefix("toy/"): line.reason for line in lines} == {
        "file.png": "unsafe path", "folder/secret.png": "unsafe path", "again.png": "",
        "round/round/in/good.png": "",
    }  # fmt: skip


def test_a_root_may_be_a_link(build, tmp_path):
    plans.write_png(build.root / "good.png", plans.noise("good"))
    (tmp_path / "link").symlink_to(build.root)
    reference = files.FileRef("good.png")
    assert files.read_bytes(str(tmp_path / "link"), reference)
    assert files.read_bytes(f"{tmp_path}/link/", reference)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(errors.ImageError, match="no file, but a folder or a device") as caught:
        files.read_bytes(str(tmp_path), files.FileRef("pipe.png"))
    assert caught.value.reason == "read error"


@pytest.mark.skipif(sys.platform == "win32", reason="times of files mean something else there")
def test_another_file_of_the_same_size_and_time_is_rendered_again(build):
    """As programs leave it that unpack with the times of the archive."""
    plan = plans.folder(build.root, 2)
    build.render(plan)
    path = build.root / "images/000.png"
    before, content = path.stat(), bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    done, _ = build.render(plan)
    assert done == [render.RENDERED]


def test_a_bomb_in_an_archive_takes_no_memory(build, monkeypatch):
    monkeypatch.setattr(files, "MOST_UNPACKED", 1000)
    with zipfile.ZipFile(build.root / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(10_000))
    ((_, span),) = archives.index(build.root / "a.zip").items()
    reference = files.FileRef("a.zip/bomb.png", span=span)
    _, (line,) = build.render(plans.plan([{"files": str(reference)}]))
    assert line.reason == "too large"
    assert "unpacks to 10,000 bytes" in line.message
