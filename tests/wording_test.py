from __future__ import annotations

import pytest

from cytoimagenet_tfds import wording


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2, ("row",), "2 rows"),
        (1234, ("class", "classes"), "1,234 classes"),
        (1, ("file has", "files have"), "1 file has"),
        (2, ("file has", "files have"), "2 files have"),
    ],
)
def test_what_follows_a_number(number, words, text):
    assert wording.counted(number, *words) == text


def test_reports_of_one_thing_are_no_plurals():
    from cytoimagenet_tfds.build import gather, report, verify
    from cytoimagenet_tfds.curation import comparing

    assert verify.Verification({"train": 1}, {}).text() == "train: 1 example read\nEverything fits."
    found = gather.Found("toy", "/raw/toy", 1, {"dark": 1, "masks": 2}, ())
    made = report.BuildReport("toy", None, (found,), {"train": 1}, 0, {})
    assert made._sources()[1:] == [
        "  toy: 1 row", "    left out, dark: 1 row", "    left out, masks: 2 rows",
    ]  # fmt: skip
    same = comparing.Comparison(
        classes=(1, 1), images=(1, 1), only_first={}, only_second={}, sizes={}, kept=1,
        relabelled={}, left=0, entered=0, moved=0, crops=0,
    )  # fmt: skip
    assert str(same) == "The plans are equal: 1 class, 1 image."
