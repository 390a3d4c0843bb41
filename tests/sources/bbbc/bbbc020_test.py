from __future__ import annotations

import numpy as np
import pytest
from trees import _write
from trees import bbbc020 as tree

from cytoimagenet_tfds import images, sources


def read(root):
    rows, report = sources.get("bbbc020").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_overlays_and_outlines_are_no_rows(tmp_path):
    tree.make(tmp_path)
    rows, findings = read(tmp_path)
    assert not rows["files"].str.contains(r"c1\+c5|outlines").any()
    assert [(f.kind, f.count) for f in findings] == [("left out", 3)]
    assert any("_43.TIF" in example for example in findings[0].examples)  # the one without bytes


def test_outlines_without_their_folder(tmp_path):
    """An outline's name alone says what it is."""
    _write.image(tmp_path, "jw-1h 1_c5_12.TIF")
    _write.image(tmp_path, "jw-1h 1_c5.TIF")
    rows, _ = read(tmp_path)
    assert list(rows["key"]) == ["bbbc020/jw-1h 1_c5.TIF"]


def test_a_folder_unpacked_twice(tmp_path):
    tree.make(tmp_path / "BBBC020_v1_images")
    once, _ = read(tmp_path)
    tree.make(tmp_path)
    rows, findings = read(tmp_path)
    assert list(rows["key"]) == list(once["key"])
    assert ("duplicate file", 6) in [(f.kind, f.count) for f in findings]


@pytest.mark.parametrize(
    ("name", "batch", "site", "control"),
    [
        ("jw-30min 2_c1.tif", "30min", "2", ""),
        ("jw-24h 4_c1.TIF", "24h", "4", ""),
        ("jw-kontrolle3_C1.Tif", "kontrolle", "3", "negative"),
        ("jw-2h_c1.TIF", "2h", "", ""),
    ],
)
def test_names(tmp_path, name, batch, site, control):
    _write.image(tmp_path, name)
    row = read(tmp_path)[0].iloc[0]
    assert (row["batch"], row["site"], row["control"]) == (batch, site, control)
    assert row["cell_visible"] == "cell membrane"


def test_pseudo_colour_becomes_grey(tmp_path):
    """Blue alone: the channel mean is a third of it, which the stretch undoes."""
    tree.make(tmp_path)
    colour = images.read(tmp_path / tree.path("jw-1h 1", "c5"))
    assert colour.shape == (12, 16, 3)
    assert not colour[..., :2].any()
    stretched = images.normalize(images.to_grey(colour))
    np.testing.assert_allclose(stretched, images.normalize(colour[..., 2]), atol=0.01)
