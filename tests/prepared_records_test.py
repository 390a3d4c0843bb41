from __future__ import annotations

import math
import shutil

import pytest

from cytoimagenet_tfds import errors, prepared, prepared_records


def _same(first, second):
    return first == second or (first != first and second != second and math.isnan(first))


@pytest.mark.parametrize("split", ["train", "validation"])
def test_records_give_what_tfds_gives(sample, split):
    dataset = prepared.Prepared(sample)
    assert prepared_records.examples(dataset, split) is not None
    pairs = list(zip(dataset.examples(split), dataset._decoded(split), strict=True))
    assert len(pairs) == dataset.splits[split]
    for own, other in pairs:
        assert own.stored == other.stored
        assert list(own.values) == list(other.values) == [c.name for c in dataset.columns]
        for name, value in own.values.items():
            assert type(value) is type(other.values[name]), name
            assert _same(value, other.values[name]), name


def test_arrays_are_left_to_tfds(twins):
    dataset = prepared.Prepared(twins[False])
    assert prepared_records.examples(dataset, "train") is None
    found = list(dataset.examples("train"))
    assert len(found) == dataset.splits["train"]
    assert found[0].stored.ndim == 3
    assert found[0].grey().shape == found[0].size


def test_a_damaged_shard_is_named(sample, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(sample.data_path, folder)
    [shard] = folder.glob("*train*")
    shard.write_bytes(shard.read_bytes()[:-50])
    dataset = prepared.open_dataset(str(folder))
    with pytest.raises(errors.BuildError, match="is damaged"):
        list(dataset.examples("train"))
