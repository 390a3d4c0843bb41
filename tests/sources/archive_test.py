"""A download read from its archive gives the rows and the bytes of the unpacked one."""

from __future__ import annotations

import importlib
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cytoimagenet_tfds import errors, files, sources
from cytoimagenet_tfds.sources.tree import Tree

_KINDS = {"tar": ["bbbc006"], "zip": list(sources.names())}


def pack(folder: Path, target: Path) -> None:
    members = sorted(path for path in folder.rglob("*") if path.is_file())
    if target.suffix == ".tar":
        with tarfile.open(target, "w") as archive:
            for path in members:
                archive.add(path, path.relative_to(folder).as_posix())
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in members:
            archive.write(path, path.relative_to(folder).as_posix())


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in _KINDS.items() for n in names])
def test_same_rows_and_bytes(tmp_path: Path, kind: str, name: str) -> None:
    unpacked, packed = tmp_path / "unpacked", tmp_path / "packed"
    importlib.import_module(f"trees.{name}").make(unpacked / "download")
    packed.mkdir()
    pack(unpacked / "download", packed / f"download.{kind}")
    source = sources.get(name)
    expected, found = source.table(unpacked), source.table(packed)
    pd.testing.assert_frame_equal(found.drop(columns="files"), expected.drop(columns="files"))
    for one, other in zip(found["files"], expected["files"], strict=True):
        for here, there in zip(files.split(one), files.split(other), strict=True):
            assert here.container == f"download.{kind}"
            assert (here.plane, here.region) == (there.plane, there.region)
            content = files.read_bytes(str(packed), here)
            assert content == files.read_bytes(str(unpacked), there)


def test_an_archive_beside_its_folder_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "Set" / "sub").mkdir(parents=True)
    (tmp_path / "Set" / "sub" / "a.tif").write_bytes(b"unpacked")
    pack(tmp_path / "Set", tmp_path / "set.zip")
    tree = Tree(tmp_path)
    assert tree.files == ("Set/sub/a.tif", "set.zip")


def test_what_cannot_be_read_in_place_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "inner.zip").write_bytes(b"")
    pack(tmp_path / "x", tmp_path / "outer.zip")
    (tmp_path / "x" / "inner.zip").unlink()
    (tmp_path / "plate.tar.gz").write_bytes(b"")
    tree = Tree(tmp_path)
    assert tree.files == ("outer.zip", "outer/inner.zip", "plate.tar.gz")
    assert tree.packed == ["outer.zip/inner.zip", "plate.tar.gz"]


def test_a_hostile_archive_stops_the_reading_with_its_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../../evil.tif", b"x")
    with pytest.raises(errors.SourceLayoutError, match="evil"):
        sources.get("bbbc006").table(tmp_path)


@pytest.mark.parametrize("path", ["../x.tif", "/etc/passwd", "a/../../x.tif", "gs://b/x.tif"])
def test_references_never_leave_the_root(tmp_path: Path, path: str) -> None:
    with pytest.raises(errors.ImageError) as caught:
        files.read_bytes(str(tmp_path), files.FileRef(path))
    assert caught.value.reason == "unsafe path"


def test_a_missing_file_has_its_reason(tmp_path: Path) -> None:
    with pytest.raises(errors.ImageError) as caught:
        files.read_bytes(str(tmp_path), files.FileRef("x.tif"))
    assert caught.value.reason == "missing file"
