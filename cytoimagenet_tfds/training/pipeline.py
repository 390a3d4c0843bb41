"""Batches with tf.data from `tfds.load`: what the trainer feeds to Keras.

Records are shuffled while they are still encoded, decoded once, resized and rotated in one
step and stay grey bytes; the model itself makes three channels of one. The order of an epoch
comes from (seed, epoch), the augmentation of an image from (seed, epoch, key): a run that goes on
after a kill sees what the unbroken one saw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import tensorflow as tf
import tensorflow_datasets as tfds

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.training import data, geometry, hooks
from cytoimagenet_tfds.training.recipe import Recipe

Example = Mapping[str, Any]


def records(
    dataset: data.Dataset,
    split: str,
    recipe: Recipe,
    epoch: int | None = None,
    keys: Collection[str] | None = None,
) -> tf.data.Dataset:
    """Returns the records of a split, images still encoded.

    Args:
      dataset: where they lie.
      split: `train` or `validation`.
      recipe: gives seed and shuffle buffer.
      epoch: shuffles for this epoch; None keeps the order of the files.
      keys: only these examples.

    Returns:
      Examples with `image` (bytes), the target, `key` (text), and `category` where there is one.
    """
    columns = [name for name in ("category",) if name in dataset.builder.info.features]
    decoders = tfds.decode.PartialDecoding(
        dict.fromkeys(("image", "key", dataset.target, *columns), True),
        decoders={"image": tfds.decode.SkipDecoding()},
    )
    seed = None if epoch is None else _seed(recipe, "files", epoch) % 2**31
    # Keras looks at a first batch of its own on some backends: that must not use up an order.
    config = tfds.ReadConfig(
        shuffle_seed=seed, shuffle_reshuffle_each_iteration=False, try_autocache=False
    )
    read = dataset.builder.as_dataset(
        split=split, decoders=decoders, shuffle_files=epoch is not None, read_config=config
    )
    if keys is not None:
        read = _only(read, keys)
    if dataset.chosen:
        read = read.filter(lambda e: tf.reduce_any(_target(dataset, e) > 0))
    if epoch is not None and dataset.copies:
        read = _copied(read, dataset)
    if epoch is not None:
        order = _seed(recipe, "order", epoch)
        read = read.shuffle(recipe.shuffle, order, reshuffle_each_iteration=False)
    return _in_order(read)


def _copied(read: tf.data.Dataset, dataset: data.Dataset) -> tf.data.Dataset:
    """Gives every record as often as its rarest class asks for, and its number as `copy`."""
    copies = tf.constant(dataset.copies, tf.float32)

    def repeat(example: Example) -> tf.data.Dataset:
        most = tf.reduce_max(_target(dataset, example) * copies)
        count = tf.maximum(tf.cast(most, tf.int64), 1)
        return tf.data.Dataset.range(count).map(lambda number: {**example, "copy": number})

    return read.flat_map(repeat)


def _only(read: tf.data.Dataset, keys: Collection[str]) -> tf.data.Dataset:
    wanted = tf.constant(sorted(keys), dtype=tf.string)
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(wanted, tf.ones_like(wanted, tf.int64)), 0
    )
    return read.filter(lambda e: table.lookup(e["key"]) > 0)


def batches(
    dataset: data.Dataset, split: str, recipe: Recipe, epoch: int | None = None
) -> tf.data.Dataset:
    """Returns batches of a split for one epoch.

    Args:
      dataset: where the images lie.
      split: `train` or `validation`.
      recipe: size, batch, augmentation, seed.
      epoch: shuffles and augments for this epoch; None keeps order and images as they are.

    Returns:
      (images [B, size, size, C] uint8, or what `recipe.compose` makes of them;
      targets [B, classes] float32), the last batch smaller.
    """
    return rows(dataset, records(dataset, split, recipe, epoch), recipe, epoch).map(
        lambda row: (row["image"], row["target"]), num_parallel_calls=tf.data.AUTOTUNE
    )


def rows(
    dataset: data.Dataset, read: tf.data.Dataset, recipe: Recipe, epoch: int | None = None
) -> tf.data.Dataset:
    """Returns batches of whole rows: `image`, `target`, `key` and `category` (-1: none)."""
    feature = dataset.builder.info.features["image"]

    def row(example: Example) -> dict[str, Any]:
        return {
            "image": _row_image(feature.decode_example(example["image"]), example, recipe, epoch),
            "target": _target(dataset, example),
            "key": example["key"],
            "category": tf.cast(example.get("category", -1), tf.int64),
        }

    made = read.map(row, num_parallel_calls=tf.data.AUTOTUNE).batch(recipe.batch)
    if recipe.compose:
        compose = hooks.resolve(recipe.compose)
        made = made.map(lambda r: {**r, "image": compose(r["image"])}, tf.data.AUTOTUNE)
    return _in_order(made.prefetch(tf.data.AUTOTUNE))


def _row_image(pixels: tf.Tensor, example: Example, recipe: Recipe, epoch: int | None) -> tf.Tensor:
    """Returns the image of a row; each copy of a record is augmented in its own way."""
    key, copy = example["key"], example.get("copy")
    if epoch is None or copy is None:
        return image(pixels, key, recipe, None if recipe.augment_rare_only else epoch)
    own = tf.strings.join([key, "#copy=", tf.strings.as_string(copy)])
    if recipe.augment_rare_only:
        return tf.cond(
            copy > 0,
            lambda: image(pixels, own, recipe, epoch),
            lambda: image(pixels, key, recipe, None),
        )
    return image(pixels, tf.where(copy > 0, own, key), recipe, epoch)


def image(pixels: tf.Tensor, key: tf.Tensor, recipe: Recipe, epoch: int | None) -> tf.Tensor:
    """Returns one image [size, size, C] uint8, augmented where there is an epoch."""
    augmentation, size = recipe.augmentation, recipe.image_size
    if recipe.antialias:
        pixels = _smaller(pixels, size)
    if epoch is None or not (augmentation.geometric or augmentation.photometric):
        return _to_bytes(tf.image.resize(pixels, (size, size)))
    seed = [_seed(recipe, "augmentation", epoch), tf.strings.to_hash_bucket_fast(key, 2**62)]
    uniform = tf.random.stateless_uniform([geometry.DRAWS], tf.stack(tf.cast(seed, tf.int64)))
    drawn = geometry.draw(augmentation, uniform, tf.math)
    moved = _move(pixels, drawn, size) if augmentation.geometric else tf.image.resize(
        pixels, (size, size))  # fmt: skip
    if augmentation.photometric:
        moved = (moved - 127.5) * drawn.contrast + 127.5 + drawn.brightness
    return _to_bytes(moved)


def _smaller(pixels: tf.Tensor, size: int) -> tf.Tensor:
    """Resizes with smoothing where a side is longer than it will be; else nothing changes."""
    shape = tf.shape(pixels)
    resized = tf.cond(
        tf.reduce_any(shape[:2] > size),
        lambda: tf.image.resize(pixels, (size, size), antialias=True),
        lambda: tf.cast(pixels, tf.float32),
    )
    return tf.ensure_shape(resized, (None, None, pixels.shape[-1]))


def _move(pixels: tf.Tensor, drawn: geometry.Drawn, size: int) -> tf.Tensor:
    shape = tf.cast(tf.shape(pixels), tf.float32)
    numbers = geometry.coefficients(drawn, shape[0], shape[1], size, tf.math)
    transform = tf.stack([*numbers, 0.0, 0.0])
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(pixels, tf.float32)[None], transforms=transform[None],
        output_shape=[size, size], fill_value=0.0, interpolation="BILINEAR", fill_mode="REFLECT",
    )  # fmt: skip
    return tf.ensure_shape(moved[0], (size, size, pixels.shape[-1]))


def _to_bytes(pixels: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.clip_by_value(tf.round(pixels), 0, 255), tf.uint8)


def _target(dataset: data.Dataset, example: Example) -> tf.Tensor:
    """Returns [classes] float32: 1 where the image belongs to the class."""
    values = tf.constant(dataset.values)
    given = tf.cast(example[dataset.target], values.dtype)
    hits = tf.reshape(given, [-1, 1]) == values[None]
    return tf.cast(tf.reduce_any(hits, axis=0), tf.float32)


def _seed(recipe: Recipe, purpose: str, epoch: int) -> int:
    return hashing.stable_hash(recipe.seed, purpose, epoch) % 2**63


def _in_order(read: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = True
    return read.with_options(options)
