"""The list of the archive's images, in a database."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from cytoimagenet_tfds import archives, files
from cytoimagenet_tfds.build import plan_table, scratch
from cytoimagenet_tfds.builders.cytoimagenet.published import listing

LARGE = 2**40
SPANS = st.one_of(
    st.none(),
    st.builds(
        archives.Span, st.just("zip"), st.integers(0, LARGE), st.integers(0, LARGE),
        st.integers(0, LARGE), st.sampled_from([0, 8]), st.integers(0, 2**32 - 1),
    ),
    st.builds(
        lambda at, size: archives.Span("tar", at, size, size),
        st.integers(0, LARGE), st.integers(0, LARGE),
    ),
)  # fmt: skip
NAMES = st.tuples(st.sampled_from(["a", "b#", "b%7C"]), st.sampled_from(["1|2", "3", "x#y"]))


def _listed(store):
    return list(store.rows("SELECT place, reference, head FROM file ORDER BY place"))


@hypothesis.given(st.dictionaries(NAMES, SPANS))
def test_references_are_written_as_by_themselves(found):
    collector = listing.Collector(store := scratch.Store())
    wanted = {}
    for (folder, name), span in found.items():
        path = f"{folder}/{name}.png"
        inner = path if span is None else f"x.{span.kind}/{path}"
        wanted[path] = files.FileRef(inner, span=span)
        collector.add(path, wanted[path])
    images, twice = collector.finish()
    assert twice == ()
    assert len(images) == len(wanted)
    assert {place: text for place, text, _ in _listed(store)} == {
        place: str(reference) for place, reference in wanted.items()
    }
    for place, _, head in _listed(store):
        assert images.heads[head] + place.partition("/")[2] == wanted[place].path


def _of_paths(*paths):
    collector = listing.Collector(store := scratch.Store())
    for path in paths:
        collector.add(path, files.FileRef(path))
    return *collector.finish(), store


def test_of_several_at_one_place_the_one_in_the_fewest_folders_counts():
    images, twice, store = _of_paths(
        "z/y/a/1.png", "z/a/1.png", "b/a/1.png", "b/a/2.png", "a/3.png"
    )
    assert twice == ("z/a/1.png", "z/y/a/1.png")
    assert len(images) == 3
    assert [text for _, text, _ in _listed(store)] == ["b/a/1.png", "b/a/2.png", "a/3.png"]
    assert images.first(2) == ["a/1.png", "a/2.png"]


@pytest.mark.parametrize("count", [0, 1, plan_table.SLICE, plan_table.SLICE + 1])
def test_no_image_is_lost_between_pieces(count):
    images, twice, store = _of_paths(*(f"a/{number:05d}.png" for number in range(count)))
    assert (len(images), twice) == (count, ())
    assert [text for _, text, _ in _listed(store)] == [f"a/{n:05d}.png" for n in range(count)]
