"""Archives: every member at its place, and nothing hostile taken."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import fsspec
import hypothesis
import pytest
from hypothesis import strategies as st

from cytoimagenet_tfds import archives, errors

FILES = {"a/one.tif": b"1" * 5000, "a/µ two.png": bytes(range(256)), "empty.txt": b""}


def make_zip(path: Path, files: dict[str, bytes] = FILES, method: int = 8) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.mkdir("a")
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("kind", ["stored", "deflated", "tar"])
def test_every_member_is_read_at_its_place(tmp_path: Path, kind: str) -> None:
    path = (
        make_tar(tmp_path / "x.tar")
        if kind == "tar"
        else make_zip(tmp_path / "x.zip", method=8 if kind == "deflated" else 0)
    )
    found = archives.index(path)
    assert list(found) == list(FILES)
    for name, span in found.items():
        assert archives.read(path, span) == FILES[name]
        text = str(span)
        assert archives.parse_span(*text.split("=")) == span


def test_archives_at_any_address(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/x.zip", make_zip(tmp_path / "x.zip").read_bytes())
    store.pipe("/bucket/x.tar", make_tar(tmp_path / "x.tar").read_bytes())
    for url in ("memory://bucket/x.zip", "memory://bucket/x.tar"):
        found = archives.index(url)
        assert {name: archives.read(url, span) for name, span in found.items()} == FILES


def test_64_bit_fields(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.tif", "w", force_zip64=True) as f:
        f.write(b"pixels")
    assert archives.read(path, archives.index(path)["a.tif"]) == b"pixels"


def test_more_members_than_16_bits_can_count(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(65_600):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    assert len(archives.index(path)) == 65_600


@pytest.mark.parametrize(
    ("raw", "name"), [("b\u00fc/\u03b1".encode(), "b\u00fc/\u03b1"), (b"b\x81/abc", "b\u00fc/abc")]
)
def test_names_are_utf_8_said_or_not_and_cp437_else(tmp_path: Path, raw: bytes, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b\u00fc/\u03b1", b"content")
    data = path.read_bytes().replace("b\u00fc/\u03b1".encode(), raw)
    # The flags lie 6 bytes into a member, and 8 into its line of the directory.
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags = data.index(signature) + at
        data = data[:flags] + b"\0\0" + data[flags + 2 :]
    path.write_bytes(data)
    assert list(archives.index(path)) == [name]


def test_a_long_local_header_takes_a_second_read(tmp_path: Path) -> None:
    """The local extra field may be longer than anything the directory says."""
    path = tmp_path / "x.zip"
    info = zipfile.ZipInfo("a.tif")
    info.extra = struct.pack("<2H", 0x9999, 5000) + b"\0" * 5000
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"pixels")
    assert archives.read(path, archives.index(path)["a.tif"]) == b"pixels"


def test_hostile_members_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../up.tif", "/etc/x.tif", "C:\\x.tif", "a/../../y.tif", "fine.tif"):
            archive.writestr(name, b"x")
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("fine.tif", b"y")
    with pytest.raises(errors.SourceLayoutError) as caught:
        archives.index(path)
    for words in ("'../up.tif' would", "'/etc/x.tif'", "a/../../y.tif", "'link' is a link",
                  "'fine.tif' stands there twice"):  # fmt: skip
        assert words in str(caught.value)


def test_hostile_tar_members_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("link.tif")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../up.tif"))
    with pytest.raises(errors.SourceLayoutError, match=r"(?s)'link.tif' is a link.*'\.\./up.tif'"):
        archives.index(path)


def test_a_bomb_is_refused_by_its_claim_and_stopped_by_its_size(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", {"a.tif": b"\0" * 5_000_000})
    span = archives.index(path)["a.tif"]
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 4_000_000_000)
    path.write_bytes(data)
    with pytest.raises(errors.SourceLayoutError, match="cannot be"):
        archives.index(path)
    lie = archives.Span("zip", span.offset, span.length, 10, 8, span.crc)
    with pytest.raises(errors.ImageError, match="11 bytes of content, expected 10"):
        archives.read(path, lie)


@pytest.mark.parametrize("cut", [10, 100, 300])
def test_a_cut_archive_is_an_error(tmp_path: Path, cut: int) -> None:
    path = make_zip(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(errors.SourceLayoutError, match="no whole archive"):
        archives.index(path)


def test_a_changed_archive_is_noticed(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", method=0)
    span = archives.index(path)["a/one.tif"]
    data = bytearray(path.read_bytes())
    data[span.offset + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(errors.ImageError) as caught:
        archives.read(path, span)
    assert caught.value.reason == "damaged archive"


@hypothesis.given(st.binary(max_size=400), st.booleans())
def test_rubbish_raises_nothing_but_our_own_error(tmp_path_factory, data: bytes, end: bool) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.zip"
    path.write_bytes(data + (b"PK\x05\x06" + data[:18] if end else b""))
    with contextlib.suppress(errors.SourceLayoutError):
        archives.index(path)
