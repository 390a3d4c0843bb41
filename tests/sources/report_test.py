from __future__ import annotations

from cytoimagenet_tfds.sources.report import Report


def test_a_note_counts_all_and_shows_three():
    report = Report()
    report.note("unknown name", "Four files do not fit.", ["d", "b", "a", "c"])
    (finding,) = report.findings
    assert (finding.count, finding.examples) == (4, ("a", "b", "c"))
    assert str(finding) == "unknown name: Four files do not fit. For example: a; b; c."
    assert report.fatals == []


def test_a_note_without_examples_counts_one():
    report = Report()
    report.note("count", "90 rows.")
    assert report.findings[0].count == 1
    assert str(report.findings[0]) == "count: 90 rows."


def test_a_fatal_finding_names_three_files():
    report = Report()
    report.fatal("No image fits.", ["d", "b", "a", "c"])
    assert report.fatals == ["No image fits. Names that did not fit: a; b; c."]
