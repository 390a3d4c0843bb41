"""How builds end, and what is there when they end at a bad moment; two of them at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import bbbc006_folder
import pyarrow.parquet as pq
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import owners, procedure, verify

COUNT = 12


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(COUNT))
    return root


def _words(manual_dir, data_dir, *beam):
    options = ",".join(["direct_num_workers=1", "cyto_rows_per_chunk=3", *map(str, beam)])
    return ["build", "bbbc/bbbc006", f"--manual_dir={manual_dir}", f"--data_dir={data_dir}",
            "--file_format=array_record", f"--beam_pipeline_options={options}"]  # fmt: skip


def _prepared(data_dir):
    builder = tfds.builder("bbbc", config="bbbc006", data_dir=data_dir)
    assert verify.verify(builder).problems == {}
    return builder.data_path


def test_until_the_dataset_has_its_name_the_work_is_kept(manual_dir, tmp_path, monkeypatch, capsys):
    """A kill may come between the last shard and the name."""
    with monkeypatch.context() as patched:
        patched.setattr(
            tfds.core.DatasetInfo, "write_to_directory", lambda *_: pytest.fail("killed")
        )
        with pytest.raises(BaseException, match="killed"):
            cli.main(_words(manual_dir, tmp_path))
    work = tmp_path / "bbbc" / ".work" / "bbbc006" / "1.0.0"
    assert len(list(work.glob("chunks/*.parquet"))) > 1
    assert capsys.readouterr().out.count("Rows read") == 0
    assert cli.main(_words(manual_dir, tmp_path)) == 0
    told = capsys.readouterr().out
    assert "  kept from an earlier run: 12 rendered images" in told
    assert "  render: " in told
    assert ", 0 images/s" in told
    assert not (tmp_path / "bbbc" / ".work").exists()
    folder = _prepared(tmp_path)
    assert not (folder / owners.NOTE).exists()
    summary = json.loads(pq.read_schema(folder / "build_report.parquet").metadata[b"summary"])
    assert (summary["run"]["kept"], summary["run"]["images"]["render"]) == (COUNT, 0)
    assert summary["written"] == {"train": COUNT}


def test_a_terminal_that_knows_only_ascii_costs_nothing(tmp_path):
    raw = tmp_path / "raw"
    bbbc006_folder.make(raw, range(2))
    (raw / "bbbc006" / "細胞\x1b[31m.tif").write_bytes(b"")
    code = "import sys; from cytoimagenet_tfds import cli; sys.exit(cli.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *_words(raw, tmp_path)], text=True, capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "\\u7d30\\u80de\\x1b[31m.tif" in done.stdout
    _prepared(tmp_path)


_SLOW = """
import sys, time
from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import chunks
add = chunks.Writer.add
def slow(*args):
    print("works", flush=True)
    sys.stdin.readline()
    return add(*args)
chunks.Writer.add = slow
sys.exit(cli.main(sys.argv[1:]))
"""


def test_of_two_builds_at_once_the_second_is_refused(manual_dir, tmp_path, capsys):
    words = _words(manual_dir, tmp_path)
    first = subprocess.Popen(
        [sys.executable, "-c", _SLOW, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    while first.stdout.readline() != "works\n":
        assert first.poll() is None
    assert cli.main(words) == 1
    told = capsys.readouterr().err
    assert f"is the work folder of a build that runs: process {first.pid} on" in told
    first.communicate("\n" * COUNT)
    assert first.returncode == 0
    _prepared(tmp_path)


@pytest.mark.parametrize("below", ["", "bbbc/bbbc006"])
def test_the_work_folder_is_not_the_dataset(manual_dir, tmp_path, capsys, below):
    words = _words(manual_dir, tmp_path, f"cyto_work_dir={tmp_path}")
    if below:
        words = _words(manual_dir, tmp_path / "bbbc" / "bbbc006" / "1.0.0" / "x",
                       f"cyto_work_dir={tmp_path}")  # fmt: skip
    assert cli.main(words) == 1
    assert "must lie apart" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.parquet"))


def test_folders_are_named_for_workers_that_stand_elsewhere(
    manual_dir, tmp_path, monkeypatch, capsys
):
    given = []
    real = procedure.render_plan

    def spy(planned, engine):
        given.extend([*planned.roots.values(), engine.work.root])
        return real(planned, engine)

    monkeypatch.setattr(procedure, "render_plan", spy)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(manual_dir.parent)
    words = _words(manual_dir.name, "~/data", "cyto_work_dir=~/work")
    assert cli.main(words) == 0
    assert given == [f"{manual_dir}/bbbc006", f"{tmp_path}/work/bbbc/bbbc006/1.0.0"]
    assert f"data_dir='{tmp_path}/data'" in capsys.readouterr().out
    _prepared(tmp_path / "data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "work"]
