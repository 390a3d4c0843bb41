from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds.sources import joins
from cytoimagenet_tfds.sources.report import Report


@pytest.fixture
def lines():
    return pd.DataFrame({"path": ["b1.tif", "a1.tif", "a2.tif"], "well": ["B01", "A01", "A02"]})


def joined(lines, table, report=None):
    return joins.join(lines, pd.DataFrame(table), ["well"], report or Report(), "the map")


def test_order_of_the_lines_stays(lines):
    found = joined(lines, {"well": ["A01", "A02", "B01"], "compound": ["x", "y", "z"]})
    assert list(found["compound"]) == ["z", "x", "y"]
    assert list(found["path"]) == list(lines["path"])


def test_what_is_not_listed_is_empty_and_reported(lines):
    report = Report()
    found = joined(lines, {"well": ["A01"], "compound": ["x"], "dose": [0.5]}, report)
    assert list(found["compound"]) == ["", "x", ""]
    np.testing.assert_array_equal(found["dose"], [np.nan, 0.5, np.nan])
    (finding,) = report.findings
    assert (finding.kind, finding.count) == ("not in table", 2)
    assert finding.examples == ("a2.tif", "b1.tif")


def test_lines_of_the_table_without_a_file_are_reported(lines):
    report = Report()
    joined(lines, {"well": ["A01", "A02", "B01", "H12"], "compound": list("wxyz")}, report)
    assert [(f.kind, f.count, f.examples) for f in report.findings] == [
        ("missing file", 1, ("H12",))
    ]


def test_contradicting_lines_are_reported_and_repeated_ones_are_not(lines):
    report = Report()
    table = {"well": ["A01", "A01", "A01", "A02", "B01"], "compound": ["x", "x", "other", "y", "z"]}
    found = joined(lines, table, report)
    assert list(found["compound"]) == ["z", "x", "y"]
    assert [(f.kind, f.count) for f in report.findings] == [("contradicting lines", 1)]
