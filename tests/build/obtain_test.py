"""What TFDS' download manager brings gets its real name, unpacked where it must be."""

from __future__ import annotations

import dataclasses
import gzip
import io
import os
import tarfile
import zipfile

import pytest
from etils import epath

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.build import obtain
from cytoimagenet_tfds.sources.base import Download

TABLE = "cil_kinome_mapping.csv"


class Manager:
    """Does as TFDS' download manager: files under names of its own, all of a call at once."""

    def __init__(self, folder, contents):
        self.download_dir = epath.Path(folder)
        self.calls: list[dict[str, str]] = []
        self._contents = contents

    def download(self, urls):
        self.calls.append(urls)
        found = {}
        for name, url in urls.items():
            path = self.download_dir / f"own_name_{len(self.calls)}_{len(found)}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._contents[url.rsplit("/", 1)[-1]])
            found[name] = path
        return found


def _zip(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"pixels")
    return buffer.getvalue()


def _tar_gz(name):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def test_images_that_the_users_table_names_come_a_few_at_a_time(tmp_path):
    numbers = range(53366, 53376)
    manual = epath.Path(tmp_path / "manual")
    own = manual / "cil_kinome"
    own.mkdir(parents=True)
    table = "file_name,kinase\n" + "".join(f"{number}.zip,AGC\n" for number in numbers)
    (own / TABLE).write_text(table)
    manager = Manager(tmp_path / "dl", {f"{n}.zip": _zip(f"{n}.tif") for n in numbers})
    base = obtain.base_folder(sources.get("cil_kinome"), manual, manager)
    assert [len(call) for call in manager.calls] == [4, 4, 2]
    assert manager.calls[0]["53366.zip"] == (
        "https://cildata.crbs.ucsd.edu/media/images/53366/53366.zip"
    )
    there = sorted(path.name for path in (base / "cil_kinome").iterdir())
    assert there == [*(f"{number}.zip" for number in numbers), TABLE]
    assert (base / "cil_kinome" / TABLE).read_text() == table
    # Images beside the table: the folder of the user is the source.
    (own / "53366.zip").write_bytes(b"")
    assert obtain.base_folder(sources.get("cil_kinome"), manual, manager) == manual
    assert len(manager.calls) == 3


@pytest.fixture
def packed():
    small = (Download(url="https://h/set/a.tar.gz"),)
    return dataclasses.replace(sources.get("bbbc006"), downloads=small, download_gb=0.1)


def test_a_packed_archive_is_unpacked_once(packed, tmp_path):
    content = _tar_gz("a/1.tif")
    manager = Manager(tmp_path / "dl", {"a.tar.gz": content})
    base = obtain.base_folder(packed, epath.Path(tmp_path / "none"), manager)
    made = base / "bbbc006" / "a.tar"
    assert made.read_bytes() == gzip.decompress(content)
    assert [path.name for path in made.parent.iterdir()] == ["a.tar"]
    os.utime(made, (2e9, 2e9))
    obtain.base_folder(packed, epath.Path(tmp_path / "none"), manager)
    assert made.stat().mtime == 2e9  # it was not written again
    os.utime(made, (0, 0))
    obtain.base_folder(packed, epath.Path(tmp_path / "none"), manager)
    assert made.stat().mtime > 0


def test_a_hostile_packed_archive_is_refused(packed, tmp_path):
    manager = Manager(tmp_path / "dl", {"a.tar.gz": _tar_gz("../1.tif")})
    with pytest.raises(errors.SourceLayoutError, match=r"'\.\./1.tif' would lie outside"):
        obtain.base_folder(packed, epath.Path(tmp_path / "none"), manager)
    assert not list((tmp_path / "dl").rglob("*.tar*"))
