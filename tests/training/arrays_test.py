from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from cytoimagenet_tfds.training import arrays, data, feed, pipeline
from cytoimagenet_tfds.training.recipe import Augmentation


@pytest.fixture(scope="module")
def random_access(array_record_dir, tiny):
    return data.open_dataset(tiny(), data.open_builder("cytoimagenet/sample", array_record_dir))


def _by_key(dataset, recipe):
    return {
        key: (batch["image"][n], batch["target"][n])
        for batch in feed.rows(dataset, "validation", recipe)
        for n, key in enumerate(batch["key"])
    }


def test_examples_are_those_of_the_other_path(random_access, sample_data, tiny):
    assert random_access.random_access
    assert not sample_data.random_access
    expected = _by_key(sample_data, tiny())
    found = _by_key(random_access, tiny())
    assert found.keys() == expected.keys()
    for key, (image, target) in found.items():
        np.testing.assert_allclose(image.astype(int), expected[key][0].astype(int), atol=2)
        np.testing.assert_array_equal(target, expected[key][1])


def test_both_paths_turn_an_image_alike(tiny):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 30, 1), dtype=np.uint8)
    uniform = np.random.default_rng(1).random(8).astype(np.float32)
    augmentation = Augmentation(rotation=360, flips=True, zoom=1.3, shift=0.1)
    drawn = pipeline.geometry.draw(augmentation, uniform, np)
    ours = arrays._move(pixels, drawn, 32)
    others = np.asarray(pipeline._move(tf.constant(pixels), drawn, 32))[..., 0]
    np.testing.assert_allclose(ours.astype(float), others, atol=8)
    assert np.abs(ours - others).mean() < 1


def test_examples_by_number_for_other_loaders(random_access, tiny):
    examples = arrays.Examples(random_access, "train", tiny(), epoch=0)
    image, target = examples[5]
    assert (image.shape, image.dtype) == ((32, 32, 1), np.uint8)
    assert target.sum() == 1
    again, _ = arrays.Examples(random_access, "train", tiny(), epoch=0)[5]
    np.testing.assert_array_equal(image, again)
    later, _ = arrays.Examples(random_access, "train", tiny(), epoch=1)[5]
    assert not np.array_equal(image, later)
    assert len(examples) == random_access.builder.info.splits["train"].num_examples


def test_batches_are_shuffled_by_epoch(random_access, tiny):
    def keys(epoch):
        batches = arrays.Batches(random_access, "train", tiny(), epoch)
        return [key for number in range(len(batches)) for key in batches.rows(number)["key"]]

    assert keys(0) == keys(0) != keys(1)
    assert sorted(keys(0)) == sorted(keys(1))


def test_a_composition_may_be_written_in_tensorflow(random_access, tiny, monkeypatch):
    monkeypatch.setattr(arrays.hooks, "resolve", lambda name: lambda x: tf.repeat(x, 3, axis=-1))
    images, _ = arrays.Batches(random_access, "train", tiny(compose="a:b"), 0)[0]
    assert isinstance(images, np.ndarray)
    assert images.shape == (64, 32, 32, 3)


def test_chosen_labels_and_keys(random_access, tiny):
    recipe = tiny(labels=("nucleus", "tripos"))
    chosen = data.open_dataset(recipe, random_access.builder)
    examples = arrays.Examples(chosen, "train", recipe)
    targets = np.array([examples[n][1] for n in range(len(examples))])
    assert (targets.sum(axis=1) == 1).all()
    assert 0 < targets[:, 0].sum() < len(targets)
    key = examples.row(0)["key"].decode()
    assert len(arrays.Examples(chosen, "train", recipe, keys=[key])) == 1


def test_large_images_are_smoothed(tiny):
    pixels = np.random.default_rng(0).integers(0, 256, (90, 70, 1), dtype=np.uint8)
    recipe = tiny(augmentation=Augmentation(brightness=0.5))
    ours = arrays.image(pixels, "k", recipe, None)
    other = np.asarray(pipeline.image(tf.constant(pixels), tf.constant("k"), recipe, None))
    np.testing.assert_allclose(ours.astype(int), other.astype(int), atol=1)
    assert not np.array_equal(ours, arrays.image(pixels, "k", recipe, 0))
