"""Input pipeline and prediction of the trainer, against the reference's loader.

cytoimagenet bench training --data_dir DIR     needs a prepared cytoimagenet/sample there
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cytoimagenet_tfds.bench import _reference_loader
from cytoimagenet_tfds.training import data, recipes
from cytoimagenet_tfds.training.recipe import Recipe

_REFERENCE_IMAGES = 512  # as many as its slow loader is timed on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--data", default="cytoimagenet/sample", help="dataset as in tfds.load")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")
    parser.add_argument("--images", type=int, default=5000, help="the split is repeated up to here")
    parser.add_argument(
        "--rounds", type=int, default=3, help="the fastest of so many passes counts"
    )
    parser.add_argument("--predict", type=int, default=192, help="images to predict, 0 for none")


def run(args: argparse.Namespace) -> int:
    """Prints images per second and the ratios that matter."""
    dataset = data.open_dataset(recipes.get("paper"), data.open_builder(args.data, args.data_dir))
    print(f"{args.images:,} images of {dataset.name} to 224 x 224, batches of 64")
    _reading(dataset, args.images, args.rounds)
    if args.predict:
        _predicting(args.predict)
    return 0


def _reading(dataset: data.Dataset, count: int, rounds: int) -> None:
    """The ways take turns, and the fastest pass of each counts: machines are not always as fast."""
    import tensorflow_datasets as tfds

    from cytoimagenet_tfds.training import pipeline

    paper = recipes.get("paper").changed({"deterministic": "false"})
    plain = paper.changed({"augmentation.rotation": "0"})
    # TFDS would keep so small a split decoded in memory, and decode nothing after its first pass.
    config = tfds.ReadConfig(try_autocache=False)
    decoded = dataset.builder.as_dataset(split=data.TRAIN, read_config=config)
    decoded = decoded.repeat().take(count)

    def made(recipe: Recipe) -> Iterable[Any]:
        read = pipeline.records(dataset, data.TRAIN, recipe, 0).repeat().take(count)
        return pipeline.rows(dataset, read, recipe, 0)  # type: ignore[no-any-return]

    names = ("tfds.load, decode alone", "ours, resize", "ours, resize and rotation",
             "ours, all of recipe modern", "Keras' layers RandomRotation and RandomFlip",
             "the reference's loader with rotation")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        loader = _reference_loader.make(dataset, Path(folder), _REFERENCE_IMAGES)
        works = [
            (count, decoded), (count, made(plain)), (count, made(paper)),
            (count, made(recipes.get("modern"))),
            (count // 4, _keras_layers(dataset, plain, count // 4)),
            (_REFERENCE_IMAGES, loader),
        ]  # fmt: skip
        if loader is None:
            print("  the reference's loader needs SciPy, which is not installed")
        rates = [0.0] * len(works)
        for _, (number, (images, batches)) in itertools.product(range(rounds), enumerate(works)):
            if batches is not None:
                rates[number] = max(rates[number], _rate(images, batches))
    for name, rate in zip(names, rates, strict=True):
        if rate:
            print(f"{rate:9,.0f} images/s  {name}")
    print(f"  without augmentation {rates[1] / rates[0]:.0%} of decoding alone")
    if loader is not None:
        print(f"  with rotation {rates[2] / rates[-1]:.1f} times the reference's loader")


def _keras_layers(dataset: data.Dataset, recipe: Recipe, count: int) -> Iterable[Any]:
    import keras
    import tensorflow as tf

    from cytoimagenet_tfds.training import pipeline

    turn = keras.Sequential([
        keras.layers.RandomRotation(0.5, fill_mode="reflect"),
        keras.layers.RandomFlip("horizontal"), keras.layers.RandomFlip("vertical"),
    ])  # fmt: skip
    read = pipeline.records(dataset, data.TRAIN, recipe, 0).repeat().take(count)
    rows: Iterable[Any] = pipeline.rows(dataset, read, recipe).map(
        lambda row: turn(tf.cast(row["image"], tf.float32), training=True), tf.data.AUTOTUNE
    )
    return rows


def _rate(count: int, batches: Iterable[Any]) -> float:
    """Times one pass after a first batch; returns images per second."""
    next(iter(batches))
    start = time.perf_counter()
    for _ in batches:
        pass
    return count / (time.perf_counter() - start)


def _predicting(count: int) -> None:
    import numpy as np

    from cytoimagenet_tfds.training import models, predict

    recipe = recipes.get("paper")
    model = models.build(recipe, 1, 894).backbone
    images = np.random.default_rng(0).integers(0, 256, (count, 224, 224, 1), dtype=np.uint8)
    single = images[: max(count // 4, 1)]
    one = _predict("Model.predict, one image at a time", len(single),
                   lambda: [model.predict(image[None], verbose=0) for image in single])  # fmt: skip
    function = predict.function(model)
    batches = [images[start : start + 32] for start in range(0, count, 32)]
    several = _predict("ours, batches of 32", count, lambda: [function(b) for b in batches])
    print(f"  batches give {several / one:.1f} times batch size 1")


def _predict(what: str, count: int, work: Callable[[], object]) -> float:
    work()
    start = time.perf_counter()
    work()
    rate = count / (time.perf_counter() - start)
    print(f"{rate:9,.1f} images/s  EfficientNetB0, {what}", flush=True)
    return rate
