from __future__ import annotations

import errno
import io
import os

import cv2
import image_files
import numpy as np
import plans
import pytest
import tifffile
from render_folder import Build

from cytoimagenet_tfds import errors, files, images
from cytoimagenet_tfds.build import division, render


@pytest.fixture
def build(tmp_path):
    return Build(tmp_path)


def test_images_are_standardized_and_kept_in_plan_order(build):
    plan = plans.folder(build.root, 3)
    _, lines = build.render(plan)
    assert [line.key for line in lines] == plan["key"].tolist()
    raw = plans.noise("images/001.png")
    np.testing.assert_array_equal(build.image(lines[1]), images.merge([raw]))
    assert (lines[1].crop, lines[1].scaling) == (-1, 1.0)
    bounds = (lines[1].y_min, lines[1].y_max, lines[1].x_min, lines[1].x_max)
    assert bounds == (0, 24, 0, 32)
    assert (lines[1].height, lines[1].width) == (24, 32)


def test_channels_are_merged(build):
    for name in "ab":
        plans.write_png(build.root / f"{name}.png", plans.noise(name))
    _, lines = build.render(plans.plan([{"files": "a.png|b.png"}]))
    expected = images.merge([plans.noise("a"), plans.noise("b")])
    np.testing.assert_array_equal(build.image(lines[0]), expected)


def test_planes_and_regions_of_one_file_are_rows(build):
    stack = np.stack([plans.noise("a"), plans.noise("b")])
    tifffile.imwrite(build.root / "s.tif", stack, photometric="minisblack")
    refs = ["s.tif", "s.tif#plane=1", "s.tif#plane=1&region=2,12,4,20", "s.tif#region=0,25,0,9"]
    _, lines = build.render(plans.plan([{"files": ref} for ref in refs]))
    by_key = {line.key.removeprefix("toy/"): line for line in lines}
    np.testing.assert_array_equal(build.image(by_key[refs[1]]), images.merge([stack[1]]))
    expected = images.merge([stack[1][2:12, 4:20]])
    np.testing.assert_array_equal(build.image(by_key[refs[2]]), expected)
    assert by_key[refs[3]].reason == "region outside"
    assert "24 rows and 32 columns" in by_key[refs[3]].message


def test_crops_lie_where_their_bounds_say(build):
    raw = plans.noise("large", (150, 180))
    plans.write_png(build.root / "large.png", raw)
    _, lines = build.render(plans.plan([{"files": "large.png", "crops": 4}]))
    assert [line.crop for line in lines] == [0, 1, 2, 3]
    merged = images.merge([raw])
    for line in lines:
        part = merged[line.y_min : line.y_max, line.x_min : line.x_max]
        np.testing.assert_array_equal(build.image(line), images.merge([part]))
        assert line.scaling == 0.5


def test_crops_of_a_row_do_not_depend_on_other_rows(build):
    names = ["a.png", "b.png", "c.png"]
    for name in names:
        plans.write_png(build.root / name, plans.noise(name, (300, 320)))
    rows = [{"files": name, "crops": 2} for name in names]
    _, some = build.render(plans.plan(rows[1:]))
    _, every = build.render(plans.plan(rows))
    windows = [
        [(x.key, x.crop, x.y_min, x.x_min, x.y_max, x.x_max, x.crc32) for x in lines]
        for lines in (some, every)
    ]
    assert windows[0] == windows[1][2:]


def _bad_files(root):
    """Writes one good file and one of every kind of bad ones; returns file -> expected reason."""
    plans.write_png(root / "good.png", plans.noise("good"))
    whole = root / "whole.tif"
    tifffile.imwrite(whole, plans.noise("t"), compression="lzw")
    (root / "truncated.tif").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (root / "text.png").write_text("this is no image\n")
    (root / "empty.tif").write_bytes(b"")
    (root / "folder.png").mkdir()
    plans.write_png(root / "dot.png", np.full((1, 1), 7, np.uint8))
    plans.write_png(root / "binary.png", np.eye(20, dtype=np.uint8) * 255)
    dark = np.zeros((30, 30), np.uint8)
    dark[:3] = plans.noise("dark", (3, 30))
    plans.write_png(root / "dark.png", dark)
    return {
        "good.png": "", "empty.tif": "empty file", "dot.png": "uniform", "binary.png": "binary",
        "dark.png": "dim", "absent.png": "missing file", "folder.png": "read error",
    }  # fmt: skip


def test_broken_files_are_named_with_their_reason_and_stop_nothing(build):
    expected = _bad_files(build.root)
    rows = [{"files": name} for name in [*expected, "truncated.tif", "text.png"]]
    rows.append({"files": "good.png", "key": "toy/field", "missing": "f_actin"})
    done, lines = build.render(plans.plan(rows))
    assert done == [render.RENDERED]
    by_key = {line.key.removeprefix("toy/"): line for line in lines}
    assert {name: by_key[name].reason for name in expected} == expected
    assert by_key["field"].reason == "missing channel"
    assert "f_actin" in by_key["field"].message
    for name in ("truncated.tif", "text.png"):
        assert by_key[name].reason
        assert name in by_key[name].message
    assert not any(str(build.root) in line.message for line in lines)
    assert len(lines) == len(rows)


def test_a_segmented_cell_is_not_dim(build):
    _bad_files(build.root)
    _, lines = build.render(plans.plan([{"files": "dark.png", "segmented": True}]))
    assert lines[0].reason == ""


def test_committed_chunks_are_kept_as_they_are(build):
    plan = plans.folder(build.root, 30)
    first, _ = build.render(plan, rows_per_chunk=4)
    before = {path.name: path.stat().mtime for path in build.work.chunks.iterdir()}
    second, _ = build.render(plan, rows_per_chunk=4)
    after = {path.name: path.stat().mtime for path in build.work.chunks.iterdir()}
    assert set(first) == {render.RENDERED}
    assert set(second) == {render.KEPT}
    assert before == after


def test_a_changed_source_file_is_rendered_again(build):
    plan = plans.folder(build.root, 30)
    _, lines = build.render(plan, rows_per_chunk=4)
    changed = plans.noise("something else")
    plans.write_png(build.root / "images/007.png", changed)
    done, lines = build.render(plan, rows_per_chunk=4)
    assert done.count(render.RENDERED) == 1
    line = next(line for line in lines if line.key.endswith("007.png"))
    np.testing.assert_array_equal(build.image(line), images.merge([changed]))


def test_a_file_that_comes_later_is_rendered(build):
    plan = plans.folder(build.root, 3)
    late = build.root / "images/001.png"
    content = late.read_bytes()
    late.unlink()
    _, lines = build.render(plan)
    assert [line.reason for line in lines] == ["", "missing file", ""]
    late.write_bytes(content)
    _, lines = build.render(plan)
    assert [line.reason for line in lines] == ["", "", ""]


def test_a_touched_file_of_the_same_size_is_rendered_again(build):
    plan = plans.folder(build.root, 2)
    build.render(plan)
    os.utime(build.root / "images/000.png", ns=(0, 12345))
    done, _ = build.render(plan)
    assert done == [render.RENDERED]


def test_a_file_that_could_not_be_read_is_tried_again(build):
    (build.root / "folder.png").mkdir()
    plan = plans.plan([{"files": "folder.png"}])
    assert build.render(plan)[0] == [render.RENDERED]
    assert build.render(plan)[0] == [render.RENDERED]


def test_a_damaged_chunk_is_rendered_again(build):
    plan = plans.folder(build.root, 3)
    _, lines = build.render(plan)
    data = build.work.chunks / f"{lines[0].chunk}.bin"
    data.write_bytes(b"x" * data.stat().length)
    done, lines = build.render(plan)
    assert done == [render.RENDERED]
    assert build.image(lines[0]).shape == (24, 32)


def test_opencv_has_one_thread_while_a_chunk_is_rendered(build):
    plan = plans.folder(build.root, 2)
    divided = division.divide(plan, 100, "pixels")
    division.write(divided, build.work)
    seen = []

    def look(*given, **further):
        seen.append(cv2.getNumThreads())
        return images.standardize(*given, **further)

    step = render.RenderChunk(
        build.work, divided.digest, {"toy": str(build.root)}, images.PixelSettings(), look
    )
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        step(0)
        assert (seen, cv2.getNumThreads()) == ([1, 1], 3)
    finally:
        cv2.setNumThreads(before)


class _Counting(io.FileIO):
    """A file that counts what is read of it."""

    read_bytes = 0

    def readinto(self, buffer):
        count = super().readinto(buffer)
        type(self).read_bytes += count
        return count

    def read(self, size=-1):
        data = super().read(size)
        type(self).read_bytes += len(data)
        return data


@pytest.mark.parametrize("kind", ["tif", "dv"])
def test_of_a_large_stack_only_the_plane_is_read(tmp_path, monkeypatch, kind):
    stack = np.arange(40 * 64 * 80, dtype=np.uint16).reshape(40, 64, 80)
    path = tmp_path / f"stack.{kind}"
    if kind == "tif":
        tifffile.imwrite(path, stack, photometric="minisblack")
    else:
        path.write_bytes(image_files.deltavision(stack, 6))  # uint16
    monkeypatch.setattr(files, "LARGE", 100_000)
    monkeypatch.setattr(_Counting, "read_bytes", 0)
    monkeypatch.setattr(files, "open", lambda path, mode: _Counting(path), raising=False)
    reader = render.Reader(10**6)
    for plane in (0, 17, 39):
        found = reader.plane(str(tmp_path), files.FileRef(path.name, plane=plane))
        np.testing.assert_array_equal(found, stack[plane])
    region = files.FileRef(path.name, plane=3, region=(2, 9, 4, 8))
    np.testing.assert_array_equal(reader.plane(str(tmp_path), region), stack[3, 2:9, 4:8])
    assert 0 < _Counting.read_bytes < path.stat().st_size / 2
    with pytest.raises(errors.ImageError, match=rf"^stack.{kind}: .*40") as caught:
        reader.plane(str(tmp_path), files.FileRef(path.name, plane=40))
    assert caught.value.reason == "no such plane"


def test_a_large_file_that_fails_while_it_is_read_is_a_read_error(tmp_path, monkeypatch):
    class Failing(io.FileIO):
        def read(self, size=-1):
            raise OSError(errno.EIO, "Input/output error")

        readinto = read

    tifffile.imwrite(tmp_path / "a.tif", np.zeros((9, 9), np.uint8))
    monkeypatch.setattr(files, "LARGE", 10)
    monkeypatch.setattr(
        files, "open", lambda path, mode, buffering=-1: Failing(path), raising=False
    )
    with pytest.raises(errors.ImageError, match=r"^a.tif: Input/output error") as caught:
        render.Reader(10**6).plane(str(tmp_path), files.FileRef("a.tif"))
    assert caught.value.reason == "read error"
    with pytest.raises(errors.ImageError) as caught:
        render.Reader(10**6).plane(str(tmp_path), files.FileRef("b.tif"))
    assert caught.value.reason == "missing file"
