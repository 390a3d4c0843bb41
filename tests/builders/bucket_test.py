"""Input, work folder, plan and output in a bucket, on a real server of each kind."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil

import bbbc006_folder
import fsspec
import gcs_server
import numpy as np
import pytest
import s3_server
import tensorflow_datasets as tfds
import web

from cytoimagenet_tfds import cli, fetch, sources
from cytoimagenet_tfds.fetch import run
from cytoimagenet_tfds.sources.base import Download


@pytest.fixture(scope="module", params=[s3_server, gcs_server], ids=["s3", "gs"])
def bucket(request):
    with request.param.serve("build") as address:
        yield address


def _build(manual_dir, data_dir, *options):
    beam = ",".join(["direct_num_workers=2", "cyto_rows_per_chunk=4", *options])
    return cli.main([
        "build", "bbbc/bbbc006", f"--manual_dir={manual_dir}", f"--data_dir={data_dir}",
        "--file_format=array_record", "--num_shards=2", f"--beam_pipeline_options={beam}",
    ])  # fmt: skip


def test_a_dataset_is_built_and_verified_in_a_bucket(bucket, tmp_path, capsys):
    bbbc006_folder.make(tmp_path / "raw", range(10))
    store = fsspec.filesystem(bucket.partition(":")[0])
    store.put(f"{tmp_path}/raw/", f"{bucket}/raw/", recursive=True)
    work = f"{bucket}/work"
    kept = ["cyto_keep_work", f"cyto_work_dir={work}"]
    assert _build(f"{bucket}/raw", f"{bucket}/data", *kept) == 0
    assert cli.main(["verify", "bbbc/bbbc006", f"--data_dir={bucket}/data"]) == 0
    assert "Everything fits." in capsys.readouterr().out
    chunks = [path for path in store.find(work) if "/chunks/" in path]
    assert len(chunks) == 2 * len({path.rpartition(".")[0] for path in chunks}) > 2
    before = {path: store.modified(path) for path in chunks}

    # Again with the same work folder: no chunk is rendered twice.
    assert _build(f"{bucket}/raw", f"{bucket}/again", *kept) == 0
    assert {path: store.modified(path) for path in chunks} == before

    # The same as on the disk; read from a copy, as the readers of array_record know no bucket.
    assert _build(tmp_path / "raw", tmp_path / "disk") == 0
    store.get(f"{bucket}/data/", f"{tmp_path}/copy/", recursive=True)
    read = [
        list(
            tfds.builder("bbbc", config="bbbc006", data_dir=tmp_path / name).as_data_source("train")
        )
        for name in ("disk", "copy")
    ]
    assert [e["key"] for e in read[0]] == [e["key"] for e in read[1]]
    for one, other in zip(*read, strict=True):
        np.testing.assert_array_equal(one["image"], other["image"])


def test_a_plan_in_a_bucket_is_built_from_an_archive_in_a_bucket(bucket, tmp_path, capsys):
    bbbc006_folder.make(tmp_path, range(12))
    shutil.make_archive(
        str(tmp_path / "site" / "BBBC006_v1_images_z_16"), "zip", tmp_path / "bbbc006"
    )
    with web.serve(tmp_path / "site") as url:
        address = f"{url}/BBBC006_v1_images_z_16.zip"
        staged = dataclasses.replace(sources.get("bbbc006"), downloads=(Download(url=address),))
        run.fetch_web(staged, f"{bucket}/staged/bbbc006", fetch.Client())
    rows, plan = f"{bucket}/tables/bbbc006.parquet", f"{bucket}/plan.parquet"
    folder = f"{bucket}/staged/bbbc006"
    assert cli.main(["table", "bbbc006", folder, f"--out={rows}"]) == 0
    smaller = [f"--set={name}=2" for name in ("min_images", "min_class")]
    assert cli.main(["plan", rows, f"--out={plan}", *smaller]) == 0
    assert f"12 rows -> {rows}" in capsys.readouterr().out
    words = [f"--manual_dir={bucket}/staged", f"--data_dir={bucket}/planned"]
    rules = json.dumps({"plan": plan})
    assert cli.main(["build", *words, f"--rules={rules}", "--file_format=array_record"]) == 0
    (name,) = re.findall(r"tfds.load\('(.+?)'", capsys.readouterr().out)
    assert cli.main(["verify", name, f"--data_dir={bucket}/planned"]) == 0
    assert "Everything fits." in capsys.readouterr().out
