"""The made-up archive of the benchmark is one that the release config takes."""

from __future__ import annotations

from etils import epath

from cytoimagenet_tfds.bench import release
from cytoimagenet_tfds.builders.cytoimagenet.published import expected, planning


def test_the_archive_fits_and_is_copied_whole(tmp_path):
    release.make(tmp_path / "archive.zip", 60, 12)
    wanted = expected.Expected(60, 24, {"cell_type": 24}, {"Kaggle": 24})
    plan = planning.plan(epath.Path(tmp_path), "group", wanted)
    assert plan.differences == ()
    assert len(plan.rows) == 60
    release.copy(tmp_path / "archive.zip", tmp_path / "copy")
    written = sum(path.stat().st_size for path in tmp_path.glob("copy-*"))
    assert 60 * 100 < written < (tmp_path / "archive.zip").stat().st_size
    for path in tmp_path.glob("copy-*"):
        path.unlink()
    release.unpack(tmp_path / "archive.zip")
    release.copy(tmp_path, tmp_path / "again")
    assert sum(path.stat().st_size for path in tmp_path.glob("again-*")) == written
    for path in tmp_path.glob("again-*"):
        path.unlink()
    unpacked = planning.plan(epath.Path(tmp_path), "group", wanted)
    assert (unpacked.differences, len(unpacked.rows)) == ((), 60)
