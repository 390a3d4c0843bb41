"""A source is fetched as declared, recorded, checked, and staged; trials take a part of it."""

from __future__ import annotations

import dataclasses
import types
from pathlib import Path

import fsspec
import pytest
import web

from cytoimagenet_tfds import cli, errors, fetch, sources
from cytoimagenet_tfds.fetch import jobs, kaggle, lock, run, stage
from cytoimagenet_tfds.sources.base import Download

CLIENT = fetch.Client(fetch.Settings(attempts=2, backoff=0.0, segment=1000))
FILES = {
    "set/a.zip": b"a" * 3000,
    "set/masks.zip": b"m",
    "set/plates/P1/x 1.tif": b"one",
    "set/plates/P2/y.tif": b"two",
}


@pytest.fixture
def site(tmp_path: Path):
    """A plain web server with index pages, as the mirrors have them."""
    root = tmp_path / "site"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)

    with web.serve(root) as url:
        yield types.SimpleNamespace(url=url, root=root)


@pytest.fixture
def source(site) -> sources.Source:
    downloads = (
        Download(url=f"{site.url}/set/a.zip", size=3000),
        Download(url=f"{site.url}/set/masks.zip", needed=False),
        Download(url=f"{site.url}/set/plates/"),
    )
    return dataclasses.replace(sources.get("bbbc006"), downloads=downloads)


def test_files_and_folders_become_jobs_in_order(source) -> None:
    names = [job.name for job in jobs.files(source, CLIENT)]
    assert names == ["a.zip", "plates/P1/x 1.tif", "plates/P2/y.tif"]
    everything = [job.name for job in jobs.files(source, CLIENT, everything=True)]
    assert everything == ["a.zip", "masks.zip", "plates/P1/x 1.tif", "plates/P2/y.tif"]
    assert [job.name for job in jobs.files(source, CLIENT, only="*/P2/*")] == ["plates/P2/y.tif"]
    assert [job.name for job in jobs.files(source, CLIENT, limit=1)] == ["a.zip"]
    with pytest.raises(errors.FetchError, match=r"fits --only.*a\.zip"):
        jobs.files(source, CLIENT, only="nothing")


def test_what_is_fetched_is_recorded_and_not_fetched_again(source, site, tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    begun: list[str] = []

    def begin(job: jobs.Job) -> run.Progress:
        begun.append(job.name)
        return lambda count: None

    done = run.fetch_web(source, folder, CLIENT, begin=begin)
    assert done == begun == ["a.zip", "plates/P1/x 1.tif", "plates/P2/y.tif"]
    assert (tmp_path / "data" / "plates" / "P1" / "x 1.tif").read_bytes() == b"one"
    assert run.fetch_web(source, folder, CLIENT, begin=begin) == done
    assert len(begun) == 3
    assert run.verify(folder) == []


def test_verify_names_what_differs(source, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    run.fetch_web(source, str(folder), CLIENT)
    (folder / "a.zip").write_bytes(b"b" * 3000)
    (folder / "plates/P1/x 1.tif").unlink()
    (folder / "plates/P2/y.tif").write_bytes(b"too long")
    assert run.verify(folder) == [
        "a.zip has other content than recorded",
        "plates/P1/x 1.tif is recorded and not there",
        "plates/P2/y.tif has 8 bytes, recorded 3",
    ]


def test_content_that_changed_at_the_origin_is_an_error(source, site, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    run.fetch_web(source, str(folder), CLIENT, limit=1)
    (folder / "a.zip").unlink()
    (site.root / "set/a.zip").write_bytes(b"c" * 3000)
    with pytest.raises(errors.FetchError, match="content is wrong"):
        run.fetch_web(source, str(folder), CLIENT, limit=1)
    assert not (folder / "a.zip").exists()


def test_staging_streams_into_an_object_store(source, site) -> None:
    store = fsspec.filesystem("memory")
    fetched = stage.copy(f"{site.url}/set/a.zip", "memory://bucket/x/a.zip", CLIENT)
    assert store.cat("/bucket/x/a.zip") == FILES["set/a.zip"]
    assert fetched.size == 3000
    with pytest.raises(errors.FetchError, match="sha256"):
        stage.copy(f"{site.url}/set/a.zip", "memory://bucket/x/b.zip", CLIENT, sha256="00")
    assert not store.exists("/bucket/x/b.zip")


def test_a_damaged_lock_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / lock.NAME).write_text('{"files": {"a": {}}}')
    with pytest.raises(errors.FetchError, match="is damaged"):
        lock.Lock(tmp_path)


def test_non_commercial_licences_want_a_flag() -> None:
    source = dataclasses.replace(sources.get("bbbc006"), licence="CC-BY-NC-SA-3.0")
    with pytest.raises(errors.FetchError, match="--accept-licence"):
        run.check_licence(source, accepted=False)
    run.check_licence(source, accepted=True)
    run.check_licence(sources.get("bbbc006"), accepted=False)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("https://www.kaggle.com/c/some-challenge", ("competition", "some-challenge")),
        ("https://www.kaggle.com/competitions/x/data", ("competition", "x")),
        ("https://www.kaggle.com/datasets/owner/name", ("dataset", "owner/name")),
        ("https://www.kaggle.com/owner/name", ("dataset", "owner/name")),
    ],
)
def test_kaggle_pages_are_understood(page: str, expected: tuple[str, str]) -> None:
    assert kaggle.parse(page) == expected


def test_the_command_verifies_and_reports(source, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sources, "get", lambda name: source)
    assert cli.main(["fetch", "bbbc006", "--to", str(tmp_path), "--limit", "1"]) == 0
    assert "licence CC0-1.0" in capsys.readouterr().out
    (tmp_path / "bbbc006" / "a.zip").write_bytes(b"")
    assert cli.main(["fetch", "bbbc006", "--to", str(tmp_path), "--verify"]) == 1
    assert "a.zip has 0 bytes, recorded 3,000" in capsys.readouterr().out


def test_several_sources_one_of_which_fails(source, tmp_path: Path, capsys, monkeypatch) -> None:
    broken = dataclasses.replace(
        sources.get("bbbc010"), downloads=(Download(url=f"{source.downloads[0].url}x"),)
    )
    monkeypatch.setattr(sources, "get", {"bbbc006": source, "bbbc010": broken}.__getitem__)
    words = ["fetch", "bbbc010", "bbbc006", "bbbc006", "--to", str(tmp_path)]
    assert cli.main(words) == 1
    told = capsys.readouterr()
    assert "bbbc010: http" in told.err
    assert "answered 404: there is no such file" in told.err
    assert told.out.count("bbbc006: 3 files are in ") == 1
    assert told.out.endswith("1 of 2 sources are done; not bbbc010.\n")


def test_what_would_be_fetched_is_listed(source, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sources, "get", lambda name: source)
    assert cli.main(["fetch", "bbbc006", "--to", str(tmp_path), "--list", "--all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{tmp_path}/bbbc006/a.zip  {source.downloads[0].url}"
    assert len(lines) == 5
    assert not (tmp_path / "bbbc006").exists()


def test_verify_says_where_nothing_is_recorded(tmp_path: Path, capsys) -> None:
    assert cli.main(["fetch", "bbbc006", "--to", str(tmp_path), "--verify"]) == 1
    assert f"There is no folder {tmp_path}/bbbc006" in capsys.readouterr().err
    (tmp_path / "bbbc006").mkdir()
    assert cli.main(["fetch", "bbbc006", "--to", str(tmp_path), "--verify"]) == 0
    assert "no file is recorded there" in capsys.readouterr().out


def test_a_store_without_its_client_is_named_before_anything_is_asked(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    from cytoimagenet_tfds import paths

    monkeypatch.setattr(paths.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["fetch", "bbbc006", "--to", "gs://bucket/raw"]) == 1
    assert "pip install 'cytoimagenet-tfds[gcs]'" in capsys.readouterr().err


def test_a_proxy_of_the_environment_is_used(site, monkeypatch) -> None:
    asked = site.root / "http:" / "far.example" / "x.txt"  # a proxy is asked for whole addresses
    asked.parent.mkdir(parents=True)
    asked.write_bytes(b"by the proxy")
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    client = fetch.Client(fetch.Settings(attempts=1))
    assert client.get("http://far.example/x.txt") == b"by the proxy"
    assert client.get(f"{site.url}/set/plates/P1/x%201.tif") == b"one"
