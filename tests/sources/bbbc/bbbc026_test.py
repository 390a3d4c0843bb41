from __future__ import annotations

import pytest
from trees import _write
from trees import bbbc026 as tree

from cytoimagenet_tfds import sources


@pytest.mark.parametrize("folder", ["", "BBBC026_v1_images/", "a/b/"])
def test_flat_or_in_a_folder(tmp_path, folder):
    """The archive unpacks flat or not, as the tool decides."""
    _write.image(tmp_path, folder + tree.path("A01", 1).split("/")[1])
    rows = sources.get("bbbc026").table(tmp_path)
    assert list(rows["key"]) == [f"bbbc026/{tree.PLATE}_A01_s1_w1.png"]


def test_the_whole_plate(tmp_path):
    wells = [f"{row}{column:02d}" for row in "ACEGIKMO"[:8] for column in range(1, 24, 2)]
    _write.empty(tmp_path, [tree.path(well, site) for well in wells for site in range(1, 10)])
    rows, report = sources.get("bbbc026").table_and_report(tmp_path)
    assert (len(rows), report.findings) == (864, [])
    assert rows["control"].value_counts().to_dict() == {"": 720, "negative": 72, "positive": 72}


def test_ground_truth_is_counted(tmp_path):
    tree.make(tmp_path)
    _, report = sources.get("bbbc026").table_and_report(tmp_path)
    assert [f.kind for f in report.findings] == ["left out", "count"]
