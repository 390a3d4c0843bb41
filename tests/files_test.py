from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cytoimagenet_tfds import files
from cytoimagenet_tfds.files import FileRef

NAMES = st.text(min_size=1, max_size=20)
SIDES = st.integers(0, 10_000)
REFERENCES = st.builds(
    FileRef, NAMES, st.integers(0, 500), st.none() | st.tuples(SIDES, SIDES, SIDES, SIDES)
)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (FileRef("images/a.tif"), "images/a.tif"),
        (FileRef("a.flex", 3), "a.flex#plane=3"),
        (FileRef("b.png", region=(10, 40, 0, 30)), "b.png#region=10,40,0,30"),
        (FileRef("b.png", 1, (1, 2, 3, 4)), "b.png#plane=1&region=1,2,3,4"),
        (FileRef("50%|#.tif"), "50%25%7C%23.tif"),
        (FileRef("Channel 1-29-C-05-00.Bmp"), "Channel 1-29-C-05-00.Bmp"),
    ],
)
def test_text_of_a_reference(reference, text):
    assert str(reference) == text
    assert files.parse(text) == reference


@given(REFERENCES)
@example(FileRef("%25"))
@example(FileRef("a%7Cb"))
@example(FileRef("a&plane=1#region=1,2,3,4|b"))
@example(FileRef("µ +ü\n\udcff"))
def test_any_name_comes_back(reference):
    text = str(reference)
    assert files.parse(text) == reference
    assert files.SEPARATOR not in text


@given(st.lists(REFERENCES))
def test_references_of_a_row_come_back_in_order(references):
    assert files.split(files.join(references)) == tuple(references)


@given(NAMES)
def test_escape_is_the_path_of_a_reference(name):
    assert files.escape(name) == str(FileRef(name))


@pytest.mark.parametrize("text", ["a#page=1", "a#plane=x", "a#region=1,2,3", "a#plane"])
def test_what_is_no_reference_raises(text):
    with pytest.raises(ValueError):  # noqa: PT011
        files.parse(text)
