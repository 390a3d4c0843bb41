"""Images of rare classes enter an epoch several times, on both ways of reading."""

from __future__ import annotations

import collections
import dataclasses

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import arrays, counting, data, feed, pipeline, run

MOST = 3


@pytest.fixture(scope="module")
def recipe(tiny):
    return tiny(rare=30, rare_copies=MOST, augment_rare_only=True)


@pytest.fixture(scope="module", params=["tfrecord", "array_record"])
def dataset(request, recipe):
    if request.param == "tfrecord":
        opened = request.getfixturevalue("sample_data")
    else:
        folder = request.getfixturevalue("array_record_dir")
        opened = data.open_dataset(recipe, data.open_builder("cytoimagenet/sample", folder))
    return dataclasses.replace(opened, copies=run.copies(recipe, counting.count(opened)))


def epoch(dataset, recipe):
    """(key, image, class) of everything in the first epoch, in its order."""
    if dataset.random_access:
        batches = arrays.Batches(dataset, "train", recipe, 0)
        read = (batches.rows(number) for number in range(len(batches)))
    else:
        records = pipeline.records(dataset, "train", recipe, 0)
        read = pipeline.rows(dataset, records, recipe, 0).as_numpy_iterator()
    for rows in read:
        yield from zip(rows["key"], rows["image"], rows["target"].argmax(axis=1), strict=True)


def test_rare_images_come_again_and_only_then_are_changed(dataset, recipe):
    plain = {
        key: image
        for rows in feed.rows(dataset, "train", recipe)
        for key, image in zip(rows["key"], rows["image"], strict=True)
    }
    same, seen, wanted = collections.Counter(), collections.Counter(), {}
    for key, image, number in epoch(dataset, recipe):
        seen[key] += 1
        same[key] += np.array_equal(image, plain[key])
        wanted[key] = dataset.copies[number]
    assert seen == wanted
    assert {1, MOST} <= set(seen.values())
    assert set(same.values()) == {1}
    assert sum(seen.values()) == run.epoch_images(recipe, counting.count(dataset))


def test_keras_is_told_the_number_of_batches(dataset, recipe):
    steps = run.steps(recipe, counting.count(dataset))
    batches = feed.counted(feed.batches(dataset, "train", recipe, 0), steps)
    assert len(batches) == steps


def test_without_rare_classes_nothing_is_copied(tiny, sample_data):
    counts = counting.count(sample_data)
    assert run.copies(tiny(), counts) == ()
    assert run.epoch_images(tiny(), counts) == counts.examples["train"]
    with pytest.raises(errors.ConfigError, match="augment_rare_only needs rare"):
        tiny(augment_rare_only=True)
