"""Input, work folder and output in an S3 bucket, on a real S3-compatible server."""

from __future__ import annotations

import bbbc006_folder
import fsspec
import numpy as np
import pytest
import s3_server
import tensorflow_datasets as tfds

from cytoimagenet_tfds import cli


@pytest.fixture(scope="module")
def bucket():
    with s3_server.serve("build") as address:
        yield address


def _build(manual_dir, data_dir, *options):
    beam = ",".join(["direct_num_workers=2", "cyto_rows_per_chunk=4", *options])
    return cli.main([
        "build", "bbbc/bbbc006", f"--manual_dir={manual_dir}", f"--data_dir={data_dir}",
        "--file_format=array_record", "--num_shards=2", f"--beam_pipeline_options={beam}",
    ])  # fmt: skip


def test_a_dataset_is_built_and_verified_in_a_bucket(bucket, tmp_path, capsys):
    bbbc006_folder.make(tmp_path / "raw", range(10))
    store = fsspec.filesystem("s3")
    store.put(f"{tmp_path}/raw/", f"{bucket}/raw/", recursive=True)
    work = f"{bucket}/work"
    kept = ["cyto_keep_work", f"cyto_work_dir={work}"]
    assert _build(f"{bucket}/raw", f"{bucket}/data", *kept) == 0
    assert cli.main(["verify", "bbbc/bbbc006", f"--data_dir={bucket}/data"]) == 0
    assert "Everything fits." in capsys.readouterr().out
    chunks = [path for path in store.find(work) if "/chunks/" in path]
    assert len(chunks) == 2 * len({path.rpartition(".")[0] for path in chunks}) > 2
    before = {path: store.info(path)["LastModified"] for path in chunks}

    # Again with the same work folder: no chunk is rendered twice.
    assert _build(f"{bucket}/raw", f"{bucket}/again", *kept) == 0
    assert {path: store.info(path)["LastModified"] for path in chunks} == before

    # The same as on the disk; read from a copy, as the readers of TFDS know no S3.
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
