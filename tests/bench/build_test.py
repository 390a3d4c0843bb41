from __future__ import annotations

import pytest

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.bench import (
    _fields,
    _record_rates,
    _reference_pixels,
    _stage,
    _worker_rates,
)

KIND = _fields.FieldFormat(".tif", 150, 2, 4)


def test_the_reference_and_the_build_keep_crops_of_the_same_fields(tmp_path):
    made = _stage.Fields(tmp_path, KIND, 3)
    lines = made.lines()
    assert len(lines[lines["crop"] >= 0]) == 12
    windows = [images.Window(0, 75, 75, 150, 0.5)]
    paths = [made.raw / name for name in made.plan["files"][0].split("|")]
    assert _reference_pixels.field(paths, windows, made.out) == 1
    assert (made.out / "crop_0.png").exists()


def test_records_are_measured_to_the_end(tmp_path, capsys):
    _record_rates.measure(_stage.Fields(tmp_path, KIND, 2), rounds=1, copies=2)
    output = capsys.readouterr().out
    assert "records/s  assemble, array_record, " in output
    assert "the writer of TFDS alone" in output
    assert "of decoding alone" in output


def test_rows_that_two_workers_cannot_share_are_refused():
    for rows in (0, 128):
        _worker_rates.check(rows)
    with pytest.raises(errors.ConfigError, match="--rows: expected 0 or at least 128, found 16"):
        _worker_rates.check(16)
