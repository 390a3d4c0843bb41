"""One of the two ways to read: tf.data for files of `tfds.load`, else `tfds.data_source`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from cytoimagenet_tfds.training import data
from cytoimagenet_tfds.training.recipe import Recipe

Rows = dict[str, Any]


def batches(dataset: data.Dataset, split: str, recipe: Recipe, epoch: int | None = None) -> Any:
    """Returns what `keras.Model.fit` takes: batches of (images, targets) for one epoch."""
    if dataset.random_access:
        from cytoimagenet_tfds.training import arrays

        return arrays.Batches(dataset, split, recipe, epoch)
    from cytoimagenet_tfds.training import pipeline

    return pipeline.batches(dataset, split, recipe, epoch)


def counted(batches: Any, steps: int) -> Any:
    """Tells Keras the number of batches where it cannot know: after a filter, or with copies."""
    if not hasattr(batches, "apply"):
        return batches
    import tensorflow as tf

    return batches.apply(tf.data.experimental.assert_cardinality(steps))


def rows(
    dataset: data.Dataset, split: str, recipe: Recipe, keys: Collection[str] | None = None
) -> Iterator[Rows]:
    """Yields batches of whole rows as NumPy arrays, in the order of the files, not augmented.

    Each has `image`, `target` [B, classes], `key` (bytes) and `category` (-1: none). With `keys`
    only those examples are decoded.
    """
    if dataset.random_access:
        from cytoimagenet_tfds.training import arrays

        source = arrays.Batches(dataset, split, recipe, keys=keys)
        yield from (source.rows(number) for number in range(len(source)))
        return
    from cytoimagenet_tfds.training import pipeline

    read = pipeline.records(dataset, split, recipe, keys=keys)
    yield from pipeline.rows(dataset, read, recipe).as_numpy_iterator()
