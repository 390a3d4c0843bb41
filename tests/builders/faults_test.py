"""A build on a full disk, or into folders that cannot be written, ends with a word."""

from __future__ import annotations

import bbbc006_folder
import limits
import numpy as np
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import verify

COUNT, SIZE = 24, 4 << 20


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(COUNT), shape=(200, 300))  # some 60 kB as PNG each
    return root


def _words(manual_dir, data_dir, work):
    beam = f"direct_num_workers=2,cyto_rows_per_chunk=3,cyto_work_dir={work}"
    return ["build", "bbbc/bbbc006", f"--manual_dir={manual_dir}", f"--data_dir={data_dir}",
            "--file_format=array_record", "--num_shards=3",
            f"--beam_pipeline_options={beam}"]  # fmt: skip


def _examples(data_dir):
    builder = tfds.builder("bbbc", config="bbbc006", data_dir=data_dir)
    assert verify.verify(builder).problems == {}
    return list(builder.as_data_source("train"))


@pytest.fixture(scope="module")
def expected(manual_dir, tmp_path_factory):
    root = tmp_path_factory.mktemp("expected")
    assert cli.main(_words(manual_dir, root / "data", root / "work")) == 0
    return _examples(root / "data")


def _same(found, expected):
    assert [e["key"] for e in found] == [e["key"] for e in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one["image"], other["image"])


@pytest.mark.parametrize("free", [0, 700 << 10, 1800 << 10])
def test_a_full_disk_ends_the_build_and_room_lets_it_go_on(
    manual_dir, expected, tmp_path, capsys, free
):
    """Full at once, while it renders, and while it assembles."""
    with limits.small_disk(tmp_path / "disk", SIZE) as disk:
        filler = limits.fill(disk, free)
        words = _words(manual_dir, disk / "data", disk / "work")
        assert cli.main(words) == 1
        told = capsys.readouterr().err
        assert "The disk is full" in told
        assert "start the same build again" in told
        assert not list(disk.glob("data/bbbc/bbbc006/1.0.0"))
        chunks = disk / "work/bbbc/bbbc006/1.0.0/chunks"
        before = {path.name: path.stat().st_mtime_ns for path in chunks.glob("*.parquet")}
        assert bool(before) == (free > 0)
        filler.unlink()
        assert cli.main([*words[:-1], f"{words[-1]},cyto_keep_work"]) == 0
        after = {path.name: path.stat().st_mtime_ns for path in chunks.glob("*.parquet")}
        assert {name: after[name] for name in before} == before
        assert not list(disk.rglob(".tmp-*"))
        _same(_examples(disk / "data"), expected)


_BUILD = "import sys; from cytoimagenet_tfds import cli; sys.exit(cli.main(sys.argv[1:]))"


@pytest.mark.parametrize("locked", ["data", "work"])
def test_folders_that_cannot_be_written_are_named_before_any_work(manual_dir, tmp_path, locked):
    with limits.read_only(tmp_path / locked) as folder:
        done = limits.run(_BUILD, *_words(manual_dir, tmp_path / "data", tmp_path / "work"))
    assert done.returncode == 1
    what = {"data": "--data_dir", "work": "The work folder"}[locked]
    assert f"{what} cannot be {folder}" in done.stderr
    assert "Name folders that can be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.parquet"))
    assert not list(tmp_path.glob("data/bbbc/bbbc006/*1.0.0*"))
    assert list(folder.iterdir()) == []


def test_a_work_folder_below_a_file_is_no_folder(manual_dir, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    words = _words(manual_dir, tmp_path / "data", tmp_path / "file" / "work")
    assert cli.main(words) == 1
    assert f"{tmp_path}/file is no folder" in capsys.readouterr().err
