"""Outputs of a network over a split, batch by batch, and the table of predictions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds.training import data, feed, views
from cytoimagenet_tfds.training.recipe import Recipe

Floats = npt.NDArray[np.float32]


def function(model: keras.Model) -> Callable[[Any], Floats]:
    """Returns a function images -> outputs, compiled once.

    On TensorFlow it is a `tf.function`, which takes a third less time than `Model.predict`.
    """
    if keras.backend.backend() != "tensorflow":
        return lambda images: np.asarray(model.predict_on_batch(images))
    import tensorflow as tf

    step = tf.function(lambda images: model(images, training=False), reduce_retracing=True)
    return lambda images: np.asarray(step(tf.convert_to_tensor(images)))


def outputs(
    model: keras.Model,
    dataset: data.Dataset,
    split: str,
    recipe: Recipe,
    keys: Collection[str] | None = None,
    count: int = 1,
) -> Iterator[tuple[feed.Rows, Floats]]:
    """Yields batches of rows with the model's outputs [B, N], in the order of the files.

    With `count` above 1 they are means over so many `views` of each image.
    """
    predict = views.averaged(function(model), count)
    for rows in feed.rows(dataset, split, recipe, keys):
        yield rows, predict(rows["image"])


def classification(model: keras.Model, dataset: data.Dataset, recipe: Recipe) -> pd.DataFrame:
    """Returns one row per validation image.

    Columns: `key`, `label`, `category`, `predicted`, `probability` (of the predicted class),
    `label_probability` (of the true class), `rank` of the true class from 1; of equal
    probabilities the true class counts as the last.
    """
    names = np.array(dataset.classes, dtype=object)
    categories = dataset.category_names()
    parts = []
    for rows, found in outputs(model, dataset, data.VALIDATION, recipe, count=recipe.views):
        true, top = rows["target"].argmax(axis=1), found.argmax(axis=1)
        each = np.arange(len(true))
        of_true = found[each, true]
        parts.append(pd.DataFrame({
            "key": _texts(rows["key"]),
            "label": names[true],
            "category": [categories[c] if categories and c >= 0 else "" for c in rows["category"]],
            "predicted": names[top],
            "probability": found[each, top],
            "label_probability": of_true,
            "rank": (found >= of_true[:, None]).sum(axis=1).astype("int32"),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True).astype({"label": "str", "predicted": "str"})


def multilabel(
    model: keras.Model, dataset: data.Dataset, recipe: Recipe, split: str = data.VALIDATION
) -> pd.DataFrame:
    """Returns one row per image of a split: `key`, `labels` and `probabilities`, both lists.

    `probabilities` follow the order of `Dataset.classes`.
    """
    parts = []
    for rows, found in outputs(model, dataset, split, recipe, count=recipe.views):
        labels = [[dataset.classes[n] for n in np.flatnonzero(t)] for t in rows["target"]]
        values = {"key": _texts(rows["key"]), "labels": labels, "probabilities": found.tolist()}
        parts.append(pd.DataFrame(values))
    return pd.concat(parts, ignore_index=True)


def _texts(keys: Any) -> list[str]:
    return [key.decode() for key in np.asarray(keys).tolist()]
