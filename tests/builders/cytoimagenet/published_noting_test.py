"""What is noted of images while they are copied, and what it tells of the dataset."""

from __future__ import annotations

import collections
import logging

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import checksums, images
from cytoimagenet_tfds.build import chunks, plan_table, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import noting


def _plan(count):
    """A plan of images k00, k01 ... of one source."""
    rows = stored_plan.Rows(np.dtype([("n", "i4")]), ("key",))
    numbers = np.zeros(count, [("n", "i4")])
    if count:
        rows.append(numbers, [f"k{row:02d}" for row in range(count)])

    def make(numbers, texts, names):
        own = {"key": texts["key"], "files": texts["key"]}
        given = {**own, "dir_name": pa.array(["toy"] * len(numbers), pa.string())}
        return pa.table([given[name] for name in names], list(names))

    return stored_plan.StoredPlan(rows, make, ("key", "dir_name", "files"), {})


def _told(contents, order, shard, mark):
    """The facts of images in this order, `shard` of them to a shard."""
    notes = []
    for start in range(0, len(order), shard):
        marks = [mark(contents[row]) for row in order[start : start + shard]]
        notes.append({"others": len(marks) // 2, "marks": marks})
    facts = {"published": {"split": "group"}}
    rows = [np.array(order[start : start + 3], np.int64) for start in range(0, len(order), 3)]
    noting.tell(
        _plan(len(contents)), facts, lambda _, name: contents[int(name[1:])], iter(notes),
        iter(rows),
    )  # fmt: skip
    return facts["published"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=2), max_size=24), st.randoms(), st.integers(1, 9))
def test_images_are_the_same_where_all_bytes_are(contents, random, shard):
    order = list(range(len(contents)))
    random.shuffle(order)
    counts = collections.Counter(contents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_table, "SLICE", 4)
        # A mark that many share, so that only the bytes can tell.
        told = _told(contents, order, shard, lambda data: len(data) << 32)
    assert told == {
        "split": "group",
        "same_content": sum(count for count in counts.values() if count > 1),
        "bounds_of_other_size": sum(
            len(order[start : start + shard]) // 2 for start in range(0, len(order), shard)
        ),
    }


def test_the_first_by_key_are_named(caplog):
    contents = [b"a", b"b", b"c", b"b", b"a", b"d"]
    with caplog.at_level(logging.WARNING):
        _told(contents, [5, 4, 3, 2, 1, 0], 4, checksums.crc32)
    assert "Images with the same bytes as another: 4 (k00, k01, k03 ...)" in caplog.text


def test_what_no_other_has_is_not_read_again():
    facts = {"published": {}}
    notes = [{"others": 0, "marks": [1, 2]}, {"others": 1, "marks": [3]}]
    noting.tell(_plan(3), facts, None, notes, [np.array([0, 1, 2])])
    assert facts["published"] == {"bounds_of_other_size": 1, "same_content": 0}


def _place(height, width):
    return chunks.Place("k", "", 0, 0, 0, "toy", "k", height, width)


def test_notes_of_a_shard():
    png = images.encode_png(np.zeros((3, 5), np.uint8))
    notes = noting.Notes()
    for height, width in ((3, 5), (5, 3), (-1, -1), (3, 4), (0, 5)):
        notes.took(_place(height, width), png)
    mark = len(png) * 2**32 + checksums.crc32(png)
    assert notes.notes() == {"others": 3, "marks": [mark] * 5}
