"""Images of an archive are read once, as it announces them; the dataset is the same."""

from __future__ import annotations

import dataclasses
import errno
import io
import logging
import os
import socket
import subprocess
import sys
import tarfile
import tempfile

import cv2
import numpy as np
import pandas as pd
import published
import pytest
from etils import epath

from cytoimagenet_tfds import archives, cli, errors, files, images
from cytoimagenet_tfds.build import division, plan_table, procedure, rendered, scratch
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.builders.cytoimagenet.published import announced, listing, pixels, planning
from cytoimagenet_tfds.builders.cytoimagenet.published import archive as archives_of

pytestmark = pytest.mark.usefixtures("as_published")

ROWS = published.rows()
CROPS = [f"{row['path']}/{row['filename']}" for row in ROWS if row["crop"] == "True"][:3]
WHOLE = next(f"{row['path']}/{row['filename']}" for row in ROWS if row["crop"] == "False")
CHECKED_FIRST = "So every image is checked before any is chosen."


def _png(*shape):
    return cv2.imencode(".png", np.full(shape, 7, np.uint8))[1].tobytes()


def _content():
    """An archive with three crops and a whole image of another size, two of them the same."""
    changed = {**dict(zip(CROPS, [_png(8, 8), _png(9, 9), _png(9, 9)], strict=True)),
               WHOLE: _png(300, 2)}  # fmt: skip
    return {**published.content(ROWS), **changed}


def _write_tar(path, content):
    with tarfile.open(path, "w") as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _write(root, form, content):
    """Writes the archive as a zip, a folder, or a folder with a zip, a tar and files in it."""
    if form == "zip":
        published.write_zip(root / "archive.zip", content)
    elif form == "folder":
        published.write_folder(root / "cytoimagenet", content)
    else:
        parts = [{}, {}, {}]
        for name, data in content.items():
            # What shares a folder stays together: an archive beside its own folder is not opened.
            part = 2 if name.count("/") != 2 else len(name.split("/")[1]) % 3
            parts[part][name] = data
        published.write_folder(root / "cytoimagenet", parts[2])
        published.write_zip(root / "cytoimagenet" / "one.zip", parts[0])
        _write_tar(root / "cytoimagenet" / "two.tar", parts[1])
    return root


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return _write(tmp_path_factory.mktemp("archive"), "zip", _content())


def _checked_first(*given, **options):
    return dataclasses.replace(planning_plan(*given, **options), announced=None)


planning_plan = planning.plan


@pytest.fixture
def both(prepare, tmp_path, monkeypatch):
    """The function that builds an archive in both ways: (file format, form, flags) -> builders."""

    def build(file_format, form, *flags):
        raw = _write(tmp_path / "raw", form, _content())
        made = []
        for plan in (planning_plan, _checked_first):
            monkeypatch.setattr(planning, "plan", plan)
            data_dir = tmp_path / plan.__name__
            made.append(prepare("cytoimagenet", data_dir, *flags, config="release",
                                manual_dir=raw, file_format=file_format))  # fmt: skip
        return made

    return build


@pytest.mark.parametrize(
    ("file_format", "form", "flag"),
    [
        ("array_record", "zip", "--direct_num_workers=2"),
        ("tfrecord", "folder", "--cyto_engine=processes"),
        ("tfrecord", "parts", "--direct_num_workers=2"),
    ],
)
def test_the_dataset_is_that_of_images_that_are_checked_first(
    both, file_format, form, flag, caplog
):
    once, twice = both(file_format, form, flag)
    assert CHECKED_FIRST not in caplog.text
    written = sorted(path.name for path in once.data_path.glob(f"*.{file_format}*"))
    assert written == sorted(path.name for path in twice.data_path.glob(f"*.{file_format}*"))
    for name in ["features.json", "label.labels.txt", "build_shards.parquet", *written]:
        assert (once.data_path / name).read_bytes() == (twice.data_path / name).read_bytes(), name
    assert once.info.metadata == twice.info.metadata
    found = once.info.metadata["published"]
    assert (found["bounds_of_other_size"], found["same_content"]) == (3, 2)
    tables = [pd.read_parquet(b.data_path / "build_report.parquet") for b in (once, twice)]
    pd.testing.assert_frame_equal(*tables)
    texts = [(b.data_path / "build_report.txt").read_text() for b in (once, twice)]
    assert [" images/s" in text for text in texts] == [True, True]
    assert ["  render: " in text for text in texts] == [False, True]


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_one_damaged_image_has_all_checked_first(prepare, archive, tmp_path, caplog, engine):
    """The one at the end of the last shard, so that all that was written has to go."""
    from tensorflow_datasets import decode

    good = prepare("cytoimagenet", tmp_path / "good", config="release", manual_dir=archive,
                   file_format="array_record")  # fmt: skip
    skip = {"image": decode.SkipDecoding()}
    *_, last = good.as_data_source(split="validation", decoders=skip)
    path = f"{last['path'].decode()}/{last['filename'].decode()}"
    damaged = {**published.content(ROWS), path: last["image"][:-20]}
    published.write_zip(tmp_path / "raw" / "archive.zip", damaged)
    with caplog.at_level(logging.WARNING):
        builder = prepare(
            "cytoimagenet", tmp_path / "data", "--cyto_allow_differences",
            f"--cyto_engine={engine}", config="release", manual_dir=tmp_path / "raw",
            file_format="array_record",
        )  # fmt: skip
    assert f"{path}: the file breaks off after " in caplog.text
    assert CHECKED_FIRST in caplog.text
    assert builder.info.metadata["rejected"] == {"truncated": 1}
    assert builder.info.splits.total_num_examples == len(ROWS) - 1
    table = pd.read_parquet(builder.data_path / "build_shards.parquet")
    there = sorted(path.name for path in builder.data_path.glob("*array_record*"))
    assert sorted(table["file"]) == there
    left = [path for path in (tmp_path / "data").rglob("*") if "incomplete" in path.name]
    assert left == []


@pytest.mark.parametrize("late", [-1.0, 9.0])
@pytest.mark.parametrize("form", ["zip", "folder", "parts"])
def test_what_is_announced_is_what_checking_finds(tmp_path, form, late, monkeypatch):
    monkeypatch.setattr(announced, "_LATE", late)
    monkeypatch.setattr(plan_table, "SLICE", 300)
    raw = _write(tmp_path / "raw", form, published.without(_content(), CROPS[2]))
    made = planning_plan(epath.Path(raw), "group", folder=tmp_path)
    folder = work_module.WorkFolder(str(tmp_path / "work"))
    divided = division.divide(made.rows, 100, "pixels")
    division.write(divided, folder)
    folder.chunks.mkdir()
    step = made.step(folder, divided.digest, dict(made.roots), images.PixelSettings(), run="r")
    for number in range(len(divided.names)):
        step(number)
    checked, once = rendered.read(folder.chunks, divided), made.announced.images()
    for name in ("rows", "reasons", "messages"):
        found = [list(getattr(one.rejected, name)) for one in (checked, once)]
        assert found[0] == found[1], name
        assert len(found[0]) == 1
    checked, once = checked.images[:], once.images[:]
    checked = checked[np.argsort(checked["row"])]
    assert len(once) == len(ROWS) - 1
    for name in ("row", "crop", "scaling", "offset", "length"):
        np.testing.assert_array_equal(once[name], checked[name], name)
    for name in ("y_min", "y_max", "x_min", "x_max"):
        assert not once[name].any()
    for name in ("height", "width"):
        assert set(once[name].tolist()) == {-1}


@pytest.mark.parametrize(
    ("root", "packed", "near"),
    [
        ("/data", False, True),
        ("/data", True, True),
        ("gs://b", True, True),
        ("gs://b", False, False),
    ],
)
def test_a_store_is_not_asked_for_the_length_of_every_file(root, packed, near):
    listed = listing.Images(None, 3, (), packed)
    assert announced.is_near(archives_of.Archive(root, listed, (), {}, ())) is near


def test_a_few_examples_are_chosen_of_checked_images(prepare, archive, tmp_path, monkeypatch):
    looked_at = []
    check = pixels.CheckChunk._render_all
    monkeypatch.setattr(
        pixels.CheckChunk, "_render_all",
        lambda self, rows, writer: (looked_at.extend(rows), check(self, rows, writer))[1],
    )  # fmt: skip
    builder = prepare("cytoimagenet", tmp_path, config="release", manual_dir=archive,
                      file_format="array_record", max_examples_per_split=3)  # fmt: skip
    assert builder.info.splits.total_num_examples == 6
    assert len(looked_at) == len(ROWS)


def test_the_place_of_a_member_is_read_from_its_reference():
    import pyarrow as pa
    import pyarrow.compute as pc

    span = archives.Span("zip", 12, 345, 6789, 8, 4294967295)
    texts = [str(files.FileRef("a#zip=1.zip/b.png", span=span)), "a.tar/b#tar=1,2", "b.png", ""]
    found = pc.extract_regex(pa.array(texts), archives.MEMBER_SIZE).to_pylist()
    assert found == [{"size": "6789"}, {"size": "2"}, None, None]


def test_the_plan_of_a_zip_is_the_same_either_way(archive):
    made = planning_plan(epath.Path(archive), "group")
    assert isinstance(made.announced, procedure.Planned)
    assert made.announced.announced is None
    assert made.announced.rows is made.rows


@pytest.fixture
def damaged(tmp_path):
    """A folder with an archive of which one image is damaged."""
    content = _content()
    content[WHOLE] = content[WHOLE][:-20]
    return _write(tmp_path / "raw", "zip", content)


def test_images_are_checked_first_where_an_earlier_run_had_to(damaged, tmp_path, capsys, caplog):
    words = ["build", "cytoimagenet/release", f"--manual_dir={damaged}",
             f"--data_dir={tmp_path / 'data'}", "--file_format=array_record"]  # fmt: skip
    assert cli.main(words) == 1
    assert "Images left out as truncated: 1" in capsys.readouterr().err
    assert CHECKED_FIRST in caplog.text
    caplog.clear()
    assert cli.main([*words, "--allow_differences"]) == 0
    assert CHECKED_FIRST not in caplog.text
    assert "chunks are in" in caplog.text


@pytest.mark.parametrize(("times", "given_up"), [(2, False), (3, True)])
def test_a_disk_that_fails_for_a_moment_throws_nothing_away(
    prepare, archive, tmp_path, monkeypatch, caplog, times, given_up
):
    failing, read = [errno.EIO] * times, os.pread

    def fail(handle, length, offset):
        if failing and length > 100:
            code = failing.pop()
            raise OSError(code, os.strerror(code))
        return read(handle, length, offset)

    monkeypatch.setattr(announced, "_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(os, "pread", fail)
    # The plan itself reads its rows by other calls of the same kind.
    monkeypatch.setattr(scratch.Spool, "read", lambda self, start, end: read(
        self._handle, max(end - start, 0), start))  # fmt: skip
    # One worker: two would share the failures.
    builder = prepare("cytoimagenet", tmp_path, "--direct_num_workers=1", config="release",
                      manual_dir=archive, file_format="array_record")  # fmt: skip
    assert failing == []
    assert (CHECKED_FIRST in caplog.text) == given_up
    assert builder.info.splits.total_num_examples == len(ROWS)


def test_a_killed_build_leaves_nothing_for_good(prepare, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    name = f"{work_module._SPOOLED}{socket.gethostname()}~{dead}~1~x~train-0"
    (tmp_path / "temporary" / name).write_bytes(b"half a shard")
    prepare("cytoimagenet", tmp_path, config="release", manual_dir=archive,
            file_format="array_record")  # fmt: skip
    assert not (tmp_path / "temporary" / name).exists()


def test_an_archive_without_a_row_that_can_be_used(prepare, tmp_path):
    rows = [{**row, "label": "", "category": ""} for row in ROWS]
    published.write_zip(tmp_path / "archive.zip", published.content(rows))
    with pytest.raises(errors.BuildError, match="The plan is empty"):
        prepare("cytoimagenet", tmp_path, "--cyto_allow_differences", config="release",
                manual_dir=tmp_path, file_format="array_record")  # fmt: skip
