"""Files and members of archives as streams."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from cytoimagenet_tfds import archive_stream, archives, errors, files

TEXT = b"".join(b"%d,some text\n" % number for number in range(60_000))  # more than a block


@pytest.fixture
def root(tmp_path):
    for name, method in (("stored.zip", zipfile.ZIP_STORED), ("packed.zip", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(tmp_path / name, "w", method) as archive:
            archive.writestr("before.bin", b"x" * 100)
            archive.writestr("a/table.csv", TEXT)
            archive.writestr("empty.csv", b"")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        info = tarfile.TarInfo("a/table.csv")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    (tmp_path / "table.csv").write_bytes(TEXT)
    return tmp_path


def _reference(root, archive, member="a/table.csv"):
    span = archives.index(root / archive)[member]
    return files.FileRef(f"{archive}/{member}", span=span)


@pytest.mark.parametrize("archive", ["stored.zip", "packed.zip", "x.tar"])
def test_a_member_is_streamed_whole(root, archive):
    with archive_stream.open_stream(str(root), _reference(root, archive)) as stream:
        assert stream.read(10) == TEXT[:10]
        assert stream.read() == TEXT[10:]
        assert stream.read() == b""


def test_a_file_and_an_empty_member(root):
    with archive_stream.open_stream(str(root), files.FileRef("table.csv")) as stream:
        assert stream.read() == TEXT
    reference = _reference(root, "packed.zip", "empty.csv")
    with archive_stream.open_stream(str(root), reference) as stream:
        assert stream.read() == b""


@pytest.mark.parametrize("archive", ["stored.zip", "packed.zip"])
def test_a_changed_byte_is_found_at_the_end(root, archive):
    reference = _reference(root, archive)
    data = bytearray((root / archive).read_bytes())
    data[reference.span.offset + reference.span.length // 2] ^= 1
    (root / archive).write_bytes(data)
    with (
        archive_stream.open_stream(str(root), reference) as stream,
        pytest.raises(errors.ImageError, match=r"a/table\.csv: .*(CRC-32 recorded|Error -3)"),
    ):
        stream.read()


def test_more_bytes_than_announced_are_not_passed_on(root):
    reference = _reference(root, "packed.zip")
    small = archives.Span("zip", reference.span.offset, reference.span.length, 1000, 8, 7)
    reference = files.FileRef(reference.path, span=small)
    with (
        archive_stream.open_stream(str(root), reference) as stream,
        pytest.raises(errors.ImageError, match="expected 1,000 with the CRC-32 recorded"),
    ):
        stream.read()


def test_no_member_there(root):
    (root / "packed.zip").write_bytes(b"x" * 1000)
    reference = files.FileRef("packed.zip/a", span=archives.Span("zip", 10, 5, 5))
    with pytest.raises(errors.ImageError, match="no member begins at 10"):
        archive_stream.open_stream(str(root), reference)


def test_a_member_is_spooled_and_a_file_is_used_as_it_is(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spool")
    own = archive_stream.spooled(str(root), files.FileRef("table.csv"), folder)
    assert own == f"{root}/table.csv"
    copied = archive_stream.spooled(str(root), _reference(root, "packed.zip"), folder)
    with open(copied, "rb") as file:
        assert file.read() == TEXT
