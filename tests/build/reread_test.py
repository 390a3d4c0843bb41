from __future__ import annotations

import pytest
from etils import epath

from cytoimagenet_tfds.build import identities, reread, shards, writing

COUNT = 200


def _checker(record):
    """Takes any bytes for an example; the seventh of ten is wrong."""
    key = record.decode()
    return identities.Identity(key), [f"{key[-1]} is wrong"] if key[-1] == "7" else []


@pytest.fixture
def files(tmp_path):
    """Two shards of one split each, as they were written."""
    found = []
    for split in ("train", "validation"):
        path = epath.Path(tmp_path / split)
        writing.write(
            path, ((n, f"{split} {n}".encode()) for n in map(str, range(COUNT))), "tfrecord"
        )
        shard = shards.Shard(split, split, COUNT, *shards.measure(path))
        found.append(reread.File(split, path, shard))
    return found


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_threads_reads_the_same_in_order(files, workers):
    problems = reread.Problems()
    table = reread.read(files, "tfrecord", _checker, workers, problems)
    assert table["key"].to_pylist() == [f"{f.split} {n}" for f in files for n in range(COUNT)]
    assert table["split"].to_pylist() == ["train"] * COUNT + ["validation"] * COUNT
    first = [f"train {number}" for number in range(7, COUNT, 10)]
    assert problems.found == {"7 is wrong": first[: reread.SHOWN]}


def test_a_shard_with_another_checksum_is_named_and_read(files):
    other = files[1].written.__class__("validation", "validation", COUNT, 1, 2)
    given = [files[0], files[1]._replace(written=other)]
    problems = reread.Problems()
    assert len(reread.read(given, "tfrecord", _checker, 1, problems)) == 2 * COUNT
    assert problems.found[reread.DIFFERS] == ["validation"]
    problems = reread.Problems()
    reread.read([files[1]._replace(written=None)], "tfrecord", _checker, 1, problems)
    assert list(problems.found) == ["7 is wrong"]


def test_a_shard_that_breaks_off_does_not_end_the_check(files):
    whole = files[0].path.read_bytes()
    files[0].path.write_bytes(whole[: len(whole) // 2])
    problems = reread.Problems()
    table = reread.read(files, "tfrecord", _checker, 2, problems)
    assert table["split"].to_pylist().count("validation") == COUNT
    assert problems.found[reread.DIFFERS] == ["train"]
    assert problems.found["shard cannot be read"][0].startswith("train is damaged")


def test_only_the_first_places_of_a_problem_are_kept():
    problems = reread.Problems()
    problems.add("none", [])
    problems.add("many", map(str, range(reread.SHOWN + 5)))
    problems.add("many", ["more"])
    assert problems.found == {"many": [str(number) for number in range(reread.SHOWN)]}
