from __future__ import annotations

import collections

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from cytoimagenet_tfds.training import data, pipeline
from cytoimagenet_tfds.training.recipe import Augmentation


def _pixels(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 1), dtype=np.uint8)


def _image(pixels, recipe, epoch=None, key="k"):
    return np.asarray(pipeline.image(tf.constant(pixels), tf.constant(key), recipe, epoch))


def _keys(dataset, recipe, split="train", epoch=None):
    read = pipeline.records(dataset, split, recipe, epoch)
    return [e["key"].decode() for e in read.as_numpy_iterator()]


def test_a_small_image_is_resized_bilinearly(tiny):
    pixels = _pixels(20, 12)
    expected = np.asarray(
        Image.fromarray(pixels[..., 0]).resize((32, 32), Image.Resampling.BILINEAR)
    )
    np.testing.assert_allclose(_image(pixels, tiny())[..., 0], expected, atol=1)


def test_a_large_image_is_smoothed_before_as_pillow_does(tiny):
    pixels = _pixels(90, 70)
    expected = np.asarray(
        Image.fromarray(pixels[..., 0]).resize((32, 32), Image.Resampling.BILINEAR)
    )
    np.testing.assert_allclose(_image(pixels, tiny())[..., 0], expected, atol=1)
    assert np.abs(_image(pixels, tiny(antialias=False))[..., 0] - expected.astype(int)).max() > 20


def test_a_map_that_moves_nothing_is_the_resize(tiny):
    pixels = _pixels(20, 12)
    still = tiny(augmentation=Augmentation(shift=1e-9))
    np.testing.assert_allclose(_image(pixels, still, 0), _image(pixels, still), atol=1)


def test_borders_are_reflected(tiny):
    pixels = np.full((32, 32, 1), 200, np.uint8)
    turned = _image(pixels, tiny(), epoch=3)
    assert (turned == 200).all()


def test_flips_have_a_coin_for_each_axis(tiny):
    pixels = _pixels(32, 32)
    recipe = tiny(augmentation=Augmentation(flips=True))
    forms = {
        "none": pixels, "left": pixels[:, ::-1], "up": pixels[::-1], "both": pixels[::-1, ::-1],
    }  # fmt: skip
    counts = collections.Counter()
    for number in range(120):
        found = _image(pixels, recipe, 0, f"image {number}")
        counts.update(name for name, form in forms.items() if np.array_equal(found, form))
    assert sum(counts.values()) == 120
    assert min(counts[name] for name in forms) > 12


def test_augmentation_comes_from_seed_epoch_and_key(tiny):
    pixels = _pixels(40, 40)
    first = _image(pixels, tiny(), 0)
    assert np.array_equal(first, _image(pixels, tiny(), 0))
    assert not np.array_equal(first, _image(pixels, tiny(), 1))
    assert not np.array_equal(first, _image(pixels, tiny(seed=1), 0))
    assert not np.array_equal(first, _image(pixels, tiny(), 0, "other"))


def test_brightness_and_contrast_stay_bytes(tiny):
    recipe = tiny(augmentation=Augmentation(brightness=1.0, contrast=1.0))
    found = [_image(_pixels(32, 32), recipe, epoch) for epoch in range(6)]
    assert all(image.dtype == np.uint8 for image in found)
    assert len({float(image.mean()) for image in found}) == 6


def test_an_epoch_is_a_permutation_that_its_number_fixes(tiny, sample_data):
    files = _keys(sample_data, tiny())
    epochs = [_keys(sample_data, tiny(), epoch=epoch) for epoch in (0, 0, 1)]
    assert epochs[0] == epochs[1] != epochs[2]
    assert epochs[0] != files
    assert sorted(files) == sorted(epochs[0]) == sorted(epochs[2])
    assert len(files) == sample_data.builder.info.splits["train"].num_examples


def test_an_epoch_repeats_bit_for_bit_from_several_files(tiny, prepare, tmp_path):
    builder = prepare("cytoimagenet", tmp_path, config="sample", num_shards=4)
    assert builder.info.splits["train"].num_shards == 4
    recipe = tiny(shuffle=40)
    dataset = data.open_dataset(recipe, builder)

    def images(batches):
        return np.concatenate([images for images, _ in batches.as_numpy_iterator()])

    tf.random.set_seed(0)
    once = pipeline.batches(dataset, "train", recipe, epoch=1)
    # JAX and PyTorch look at a batch before they begin; a process that goes on does so later.
    assert np.array_equal(images(once), images(once))
    tf.random.set_seed(0)
    assert np.array_equal(images(once), images(pipeline.batches(dataset, "train", recipe, 1)))
    assert _keys(dataset, recipe, epoch=1) != _keys(dataset, recipe, epoch=2)


def test_batches_stay_grey_bytes(tiny, sample_data):
    batches = list(pipeline.batches(sample_data, "train", tiny(), epoch=0).as_numpy_iterator())
    images, targets = batches[0]
    assert (images.shape, images.dtype) == ((64, 32, 32, 1), np.uint8)
    assert (targets.shape, targets.dtype) == ((64, len(sample_data.classes)), np.float32)
    assert (targets.sum(axis=1) == 1).all()
    total = sample_data.builder.info.splits["train"].num_examples
    assert sum(len(images) for images, _ in batches) == total
    assert len(batches[-1][0]) == total % 64


def test_an_image_does_not_depend_on_its_batch(tiny, sample_data):
    def by_key(batch):
        recipe = tiny(batch=batch)
        rows = pipeline.rows(
            sample_data, pipeline.records(sample_data, "validation", recipe), recipe, 2
        )
        return {key: image for row in rows.as_numpy_iterator()
                for key, image in zip(row["key"], row["image"], strict=True)}  # fmt: skip

    small, large = by_key(7), by_key(50)
    assert small.keys() == large.keys()
    assert all(np.array_equal(small[key], large[key]) for key in small)


def test_only_chosen_labels_and_keys_are_read(tiny, sample):
    recipe = tiny(labels=("tripos", "nucleus"))
    dataset = data.open_dataset(recipe, sample)
    assert dataset.classes == ("nucleus", "tripos")
    everything = data.open_dataset(tiny(), sample)
    keys = _keys(dataset, recipe)
    assert 0 < len(keys) < len(_keys(everything, tiny()))
    some = keys[:3]
    read = pipeline.records(dataset, "train", recipe, keys=some)
    assert sorted(e["key"].decode() for e in read.as_numpy_iterator()) == sorted(some)


def test_labels_become_several_targets(tiny, sample):
    recipe = tiny(task="multilabel", target="labels")
    dataset = data.open_dataset(recipe, sample)
    row = next(
        pipeline.rows(
            dataset, pipeline.records(dataset, "train", recipe), recipe
        ).as_numpy_iterator()
    )
    read = sample.as_dataset(split="train", shuffle_files=False).take(len(row["key"]))
    labels = {e["key"]: {t.decode() for t in e["labels"]} for e in read.as_numpy_iterator()}
    for key, target in zip(row["key"], row["target"], strict=True):
        named = {dataset.classes[n] for n in np.flatnonzero(target)}
        assert named == labels[key] & set(dataset.classes)
    assert row["target"].sum() > len(row["key"])


def _two_channels(images):
    return tf.repeat(tf.cast(images, tf.float32), 2, axis=-1)


def test_a_composition_sees_whole_batches(tiny, sample_data, monkeypatch):
    monkeypatch.setattr(pipeline.hooks, "resolve", lambda name: _two_channels)
    images, _ = next(iter(pipeline.batches(sample_data, "train", tiny(compose="a:b"), 0)))
    assert images.shape == (64, 32, 32, 2)


@pytest.mark.parametrize("name", ["nothing", "no_such_module:f", "math:no_such", "math:pi"])
def test_a_name_of_no_function_is_refused(name):
    from cytoimagenet_tfds import errors
    from cytoimagenet_tfds.training import hooks

    with pytest.raises(errors.ConfigError, match="function"):
        hooks.resolve(name)
