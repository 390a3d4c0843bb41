"""The list of the archive's images in numbers."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import numpy as np
import published
import pyarrow as pa
import pytest
from etils import epath

from cytoimagenet_tfds import archives, files
from cytoimagenet_tfds.build import ordering, plan_table
from cytoimagenet_tfds.builders.cytoimagenet.published import listing, planning

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


@hypothesis.given(st.dictionaries(NAMES, SPANS))
def test_references_are_written_as_by_themselves(found):
    collector = listing.Collector()
    wanted = {}
    for (folder, name), span in found.items():
        path = f"{folder}/{name}.png"
        inner = path if span is None else f"x.{span.kind}/{path}"
        wanted[path] = files.FileRef(inner, span=span)
        collector.add(path, wanted[path])
    images, twice = collector.finish()
    rows = np.arange(len(images))
    places = images.places(rows)
    assert twice == ()
    assert sorted(places) == sorted(wanted)
    taken = images.references(rows, np.ones(len(images), bool))
    written = plan_table.text(listing.reference(taken, images.table["name"].combine_chunks()))
    assert written.to_pylist() == [str(wanted[place]) for place in places]


def _listed(*paths):
    collector = listing.Collector()
    for path in paths:
        collector.add(path, files.FileRef(path))
    return collector.finish()


def test_of_several_at_one_place_the_one_in_the_fewest_folders_counts():
    images, twice = _listed("z/y/a/1.png", "z/a/1.png", "b/a/1.png", "b/a/2.png", "a/3.png")
    assert twice == ("z/a/1.png", "z/y/a/1.png")
    taken = images.references(np.arange(3), np.array([True, True, True]))
    names = images.table["name"].combine_chunks()
    found = plan_table.text(listing.reference(taken, names)).to_pylist()
    assert sorted(found) == ["a/3.png", "b/a/1.png", "b/a/2.png"]
    np.testing.assert_array_equal(
        images.hashes, ordering.hashes(images.places, len(images), 0, "place")
    )


def test_where_there_is_no_image_the_reference_is_empty():
    images, _ = _listed("a/1.png", "a/2.png")
    taken = images.references(np.array([1, 0]), np.array([True, False]))
    found = listing.reference(taken, pa.array(["2.png", "9.png"]))
    assert plan_table.text(found).to_pylist() == ["a/2.png", ""]


def _bytes_in_memory(table):
    """All memory of a table, what several columns share counted once."""
    found = {}

    def note(array):
        if pa.types.is_dictionary(array.type):
            note(array.indices)
            return
        if pa.types.is_struct(array.type):
            for number in range(array.type.num_fields):
                note(array.field(number))
            return
        for buffer in filter(None, array.buffers()):
            found[buffer.address] = buffer.size

    for column in table.columns:
        for chunk in column.chunks:
            note(chunk)
    return sum(found.values())


@pytest.mark.usefixtures("as_published")
def test_texts_of_a_plan_that_hold_others_share_their_memory(tmp_path):
    rows = published.rows()
    published.write_zip(tmp_path / "archive.zip", published.content(rows))
    plan = planning.plan(epath.Path(tmp_path), "group").rows
    texts = plan_table.take(plan, np.arange(len(plan)))
    # Forty columns, of which `key` alone is that long as text.
    assert _bytes_in_memory(plan) / len(plan) < 160
    assert texts.select(["key", "files", "group"]).nbytes / len(plan) > 150
