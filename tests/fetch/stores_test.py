"""Staging into a bucket of a real server of each kind, and reading a source from it."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path

import fsspec
import gcs_server
import pandas as pd
import pytest
import s3_server
import web
from trees import bbbc006 as tree

from cytoimagenet_tfds import errors, fetch, files, sources
from cytoimagenet_tfds.fetch import lock, run, stage
from cytoimagenet_tfds.sources.base import Download

CLIENT = fetch.Client(fetch.Settings(attempts=2, backoff=0.0))


@pytest.fixture(scope="module", params=[s3_server, gcs_server], ids=["s3", "gs"])
def bucket(request):
    with request.param.serve("cyto") as address:
        yield address


def _store(bucket: str):
    return fsspec.filesystem(bucket.partition(":")[0])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The simulated download of BBBC006, as a zip on a web server."""
    root = tmp_path_factory.mktemp("site")
    tree.make(root / "content")
    shutil.make_archive(str(root / "images"), "zip", root / "content")
    with web.serve(root) as url:
        yield url, root


def test_a_source_is_staged_and_read_from_its_archive_in_the_bucket(bucket: str, site) -> None:
    url, root = site
    download = Download(url=f"{url}/images.zip")
    source = dataclasses.replace(sources.get("bbbc006"), downloads=(download,))
    folder = f"{bucket}/raw/bbbc006"
    assert run.fetch_web(source, folder, CLIENT) == ["images.zip"]
    recorded = lock.Lock(folder).get("images.zip")
    content = (root / "images.zip").read_bytes()
    assert recorded == fetch.Fetched(
        len(content), hashlib.sha256(content).hexdigest(), download.url
    )
    begun: list[str] = []
    run.fetch_web(source, folder, CLIENT, begin=lambda job: begun.append(job.name))  # type: ignore[arg-type,return-value]
    assert begun == []  # it is there and recorded
    here, there = source.table(folder), source.table(root / "content")
    pd.testing.assert_frame_equal(here.drop(columns="files"), there.drop(columns="files"))
    (reference,) = files.split(here["files"][0])
    (local,) = files.split(there["files"][0])
    assert files.read_bytes(folder, reference) == files.read_bytes(str(root / "content"), local)


def test_an_unpacked_source_is_read_from_the_bucket(bucket: str, site) -> None:
    _, root = site
    _store(bucket).put(f"{root}/content/", f"{bucket}/unpacked/", recursive=True)
    source = sources.get("bbbc006")
    pd.testing.assert_frame_equal(
        source.table(f"{bucket}/unpacked"), source.table(root / "content")
    )


def test_wrong_content_leaves_nothing_in_the_bucket(bucket: str, site) -> None:
    url, _ = site
    with pytest.raises(errors.FetchError, match="sha256"):
        stage.copy(f"{url}/images.zip", f"{bucket}/wrong.zip", CLIENT, sha256="0" * 64)
    assert not _store(bucket).exists(f"{bucket}/wrong.zip")


def test_a_table_is_written_to_the_bucket(bucket: str, site, tmp_path: Path) -> None:
    from cytoimagenet_tfds import tables

    table = sources.get("bbbc006").table(site[1] / "content")
    tables.write(table, f"{bucket}/rows/bbbc006.parquet", "rows")
    pd.testing.assert_frame_equal(tables.read(f"{bucket}/rows/bbbc006.parquet", "rows"), table)
