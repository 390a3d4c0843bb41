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
