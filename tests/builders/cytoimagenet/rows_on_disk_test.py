"""However many rows the published archive has, few of them are in memory at a time."""

from __future__ import annotations

import numpy as np
import published
import pytest

from cytoimagenet_tfds.build import division, plan_table, scratch, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import announced, columns, lines

SLICE = 32
ROWS = published.rows()

pytestmark = pytest.mark.usefixtures("as_published")


@pytest.fixture
def held(monkeypatch):
    """Step -> most rows that were objects at a time, with small slices; and how many there were."""
    most, total = {}, {}

    def note(step, count):
        most[step] = max(most.get(step, 0), count)
        total[step] = total.get(step, 0) + count

    def spy(owner, name, count):
        plain = getattr(owner, name)

        def noted(self, *values):
            note(f"{owner.__name__}.{name}", count(values))
            return plain(self, *values)

        monkeypatch.setattr(owner, name, noted)

    pieces = scratch.Store.pieces

    def noted_pieces(self, *values):
        for piece in pieces(self, *values):
            note("Store.pieces", len(piece))
            yield piece

    monkeypatch.setattr(scratch.Store, "pieces", noted_pieces)
    spy(scratch.Store, "add", lambda values: len(list(values[1])))
    spy(lines.Writer, "add", lambda values: len(values[0].places))
    spy(stored_plan.Rows, "append", lambda values: len(values[0]))
    spy(stored_plan.Rows, "take", lambda values: len(values[0]))
    spy(scratch.Spooled, "append", lambda values: len(values[0]))
    monkeypatch.setattr(plan_table, "SLICE", SLICE)
    monkeypatch.setattr(columns, "PIECE", SLICE)
    monkeypatch.setattr(division, "CHUNKS_PER_PART", 4)
    return most, total


@pytest.mark.parametrize(
    ("config", "unpacked", "checked_first"),
    [
        ("release", False, False),
        ("release-paper", True, False),
        ("release-paper", False, True),
        ("release", True, True),
    ],
)
def test_few_rows_of_an_archive_are_in_memory(
    prepare, tmp_path, held, monkeypatch, config, unpacked, checked_first
):
    if checked_first:
        monkeypatch.setattr(announced, "is_near", lambda found: False)
    raw = tmp_path / "raw"
    if unpacked:
        published.write_folder(raw / "cytoimagenet", published.content(ROWS))
    else:
        published.write_zip(raw / "archive.zip", published.content(ROWS))
    builder = prepare(
        "cytoimagenet", tmp_path, "--cyto_rows_per_chunk=4", config=config,
        manual_dir=raw, file_format="array_record",
    )  # fmt: skip
    most, total = held
    assert builder.info.splits.total_num_examples == len(ROWS)
    # Every row went through each of the steps, none of which held more than a chunk of them.
    assert {step for step, count in total.items() if count >= len(ROWS)} == set(most)
    assert max(most.values()) <= SLICE


def test_arrays_of_all_rows_are_numbers_of_few_bytes():
    assert lines.LINE.itemsize < 100
    assert all(kind.kind in "if" for kind, _ in lines.LINE.fields.values())
    plan = stored_plan.Rows(np.dtype([("a", "i4")]), ("text",))
    plan.append(np.zeros(3, [("a", "i4")]), ["a", "", "µ"])
    numbers, texts = plan.take(np.array([0, 2]))
    assert numbers["a"].tolist() == [0, 0]
    assert texts["text"].to_pylist() == ["a", "µ"]
