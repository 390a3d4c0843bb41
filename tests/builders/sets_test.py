"""Whole builds of source datasets with unusual files: DIB, boxes, stacks, DeltaVision, BMP."""

from __future__ import annotations

import importlib

import pytest

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.build import verify


@pytest.mark.parametrize("name", ["bbbc017", "bbbc041", "cil_kinome", "idr0021", "kag_leukemia"])
def test_a_set_builds_and_every_row_is_an_image_or_a_reason(name, prepare, tmp_path):
    importlib.import_module(f"trees.{name}").make(tmp_path / "raw" / name)
    rows = sources.get(name).table(tmp_path / "raw" / name)
    builder = prepare(sources.builder(name), tmp_path, config=name, manual_dir=tmp_path / "raw")
    summary = builder.info.metadata
    written = builder.info.splits["train"].num_examples
    assert written > 0
    assert written + sum(summary["rejected"].values()) == int((rows["excluded"] == "").sum())
    assert verify.verify(builder).problems == {}
