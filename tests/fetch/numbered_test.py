"""The Kinome images: one archive per number, and nobody says which numbers there are."""

from __future__ import annotations

import dataclasses
import http.server
import shutil
import threading
import types
from collections import Counter

import pytest
import tifffile
from etils import epath
from numpy import uint8, zeros

from cytoimagenet_tfds import cli, errors, fetch, sources
from cytoimagenet_tfds.build import obtain
from cytoimagenet_tfds.fetch import lock, run
from cytoimagenet_tfds.sources.base import Download

CLIENT = fetch.Client(fetch.Settings(attempts=2, backoff=0.0))
THERE, ABSENT, EMPTY, PAGE = (53366, 53368, 53372), 53367, 53369, 53370
TABLE = "cil_kinome_mapping.csv"


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    root = tmp_path_factory.mktemp("zips")
    for number in THERE:
        folder = root / str(number)
        folder.mkdir()
        tifffile.imwrite(folder / f"{number}.tif", zeros((8, 9, 3), uint8) + number % 251)
        shutil.make_archive(str(root / str(number)), "zip", folder)
    return {number: (root / f"{number}.zip").read_bytes() for number in THERE}


@pytest.fixture
def server(archives):
    """Answers as a server might that has part of the numbers; counts what it is asked."""
    asked: Counter[str] = Counter()
    answers = {**archives, EMPTY: b"", PAGE: b"<!DOCTYPE html><p>No such image</p>"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rsplit("/", 1)[-1]
            asked[name] += 1
            asked[self.headers["User-Agent"]] += 1
            content = answers.get(int(name.split(".")[0]))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        running.asked, running.answers = asked, answers
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def source(server):
    (download,) = sources.get("cil_kinome").downloads
    port = server.server_address[1]
    own = dataclasses.replace(
        download, url=f"http://127.0.0.1:{port}/images/{{number}}/{{number}}.zip",
        numbers=range(53366, 53373), count=len(THERE),
    )  # fmt: skip
    return dataclasses.replace(sources.get("cil_kinome"), downloads=(own,))


def test_the_declaration_has_all_numbers():
    (download,) = sources.get("cil_kinome").downloads
    assert (download.numbers[0], download.numbers[-1], download.count) == (53366, 54562, 908)


def test_what_the_server_has_is_fetched_and_it_is_not_asked_twice(source, server, tmp_path):
    done = run.fetch_web(source, str(tmp_path), CLIENT)
    assert sorted(done) == [f"{number}.zip" for number in THERE]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*sorted(done), lock.NAME]
    assert list(source.table(tmp_path)["key"]) == [f"cil_kinome/{number}" for number in THERE]
    assert run.verify(tmp_path) == []
    before = server.asked.copy()
    assert run.fetch_web(source, str(tmp_path), CLIENT) == done
    again = server.asked - before
    # A page in the place of an archive may be trouble that passes: it alone is asked for again.
    assert [name for name in again if name.endswith(".zip")] == [f"{PAGE}.zip"]
    agents = [name for name in server.asked if not name.endswith(".zip")]
    assert len(agents) == 1
    assert agents[0].startswith("cytoimagenet-tfds/")


def test_another_number_of_images_is_an_error_that_keeps_what_came(source, server, tmp_path):
    server.answers.pop(53368)
    with pytest.raises(errors.FetchError, match="has 2 files, expected 3 by the declaration"):
        run.fetch_web(source, str(tmp_path), CLIENT)
    assert len(lock.Lock(tmp_path).names()) == 2
    assert len(run.fetch_web(source, str(tmp_path), CLIENT, limit=7)) == 2  # a trial counts nothing


def test_addresses_that_moved_are_noticed_at_the_first(source, server, tmp_path):
    server.answers.clear()
    with pytest.raises(errors.FetchError, match=r"53366\.zip holds no archive, although"):
        run.fetch_web(source, str(tmp_path), CLIENT)
    assert {name for name in server.asked if name.endswith(".zip")} == {"53366.zip"}


def test_the_table_of_the_user_names_the_images(source, server, tmp_path):
    (tmp_path / TABLE).write_text("file_name,kinase\n53368.zip,AGC\n53372.zip,TKL\nx,y\n")
    assert run.fetch_web(source, str(tmp_path), CLIENT) == ["53368.zip", "53372.zip"]
    assert {name for name in server.asked if name.endswith(".zip")} == {"53368.zip", "53372.zip"}
    rows = source.table(tmp_path)
    assert list(rows["cell_visible"]) == ["kinase|agc kinase", "kinase|tkl kinase"]


@pytest.mark.parametrize(
    ("table", "message"),
    [("name,kinase\n1,2\n", "no column 'file_name'; it has name, kinase"),
     ("file_name\n7.zip\n", "names no number from 53366 to 53372")],
)  # fmt: skip
def test_a_table_that_names_nothing_is_refused(source, tmp_path, table, message):
    (tmp_path / TABLE).write_text(table)
    with pytest.raises(errors.FetchError, match=message):
        run.fetch_web(source, str(tmp_path), CLIENT)


def test_the_command_says_that_no_licence_was_found(source, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sources, "get", lambda name: source)
    assert cli.main(["fetch", "cil_kinome", f"--to={tmp_path}"]) == 0
    out = capsys.readouterr().out
    assert "no licence was found; read or ask at http://cellimagelibrary.org" in out
    assert f"cil_kinome: 3 files are in {tmp_path}/cil_kinome, whole and recorded." in out


def test_a_number_without_numbers_is_a_mistake():
    from cytoimagenet_tfds.fetch import numbered

    with pytest.raises(errors.FetchError, match="no number"):
        numbered.numbers(Download(url="http://h/a.zip"), "")


def test_a_build_asks_for_them_where_there_is_no_table(source, server, tmp_path):
    manager = types.SimpleNamespace(download_dir=str(tmp_path / "downloads"))
    manual = epath.Path(tmp_path / "manual")
    base = obtain.base_folder(source, manual, manager, CLIENT)
    there = sorted(path.name for path in (base / "cil_kinome").glob("*.zip"))
    assert there == [f"{number}.zip" for number in THERE]
    before = server.asked[f"{THERE[0]}.zip"]
    assert obtain.base_folder(source, manual, manager, CLIENT) == base
    assert server.asked[f"{THERE[0]}.zip"] == before  # what is there is not asked for again
    (manual / "cil_kinome").mkdir(parents=True)
    assert obtain.base_folder(source, manual, manager, CLIENT) == manual
