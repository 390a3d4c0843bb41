"""Features of a real network: in batches, one image at a time, and as the reference takes them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds.bench import _rounds

Images = npt.NDArray[np.uint8]


def measure(model: str, count: int, side: int, batch: int, rounds: int) -> None:
    """Prints images per second of each way.

    Args:
      model: class of keras.applications, with random weights.
      count: images.
      side: of the images, pixels.
      batch: images at a time.
      rounds: each way is taken so often; the fastest counts.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    images = rng.integers(0, 256, (count, side, side, 1), np.uint8)
    print(f"{count:,} images of {side} x {side}, {model} with random weights")
    ways: dict[str, Callable[[], object]] = {
        f"features, {batch} at a time": _features(model, images, batch),
        "features, one at a time": _features(model, images, 1),
        "one at a time by a generator (model.predict, as the reference)": _predict(model, images),
    }
    for work in ways.values():
        work()  # makes the graph
    found = _rounds.fastest(ways, rounds)
    _rounds.show(found, count, "images")
    batched, *singles = found.values()
    for name, single in zip(list(found)[1:], singles, strict=True):
        clock, used = single.wall / batched.wall, single.processor / batched.processor
        print(f"In batches {clock:.1f} times as fast by the clock and {used:.1f} times by "
              f"processor time as {name}.")  # fmt: skip


def _features(model: str, images: Images, batch: int) -> Callable[[], object]:
    """Returns the extraction of the package itself, reading and pairing included."""
    part: Any = importlib.import_module  # by name: the library never imports what stands on it
    extraction, extractors, inputs, planes = (
        part(f"cytoimagenet_tfds.evaluation.{name}")
        for name in ("extraction", "extractors", "inputs", "planes")
    )
    extractor = extractors.named("random", model=model, batch=batch)
    method = planes.named("merge-raw")

    def keyed() -> Iterator[Any]:
        for number, image in enumerate(images):
            yield inputs.Keyed(f"{number:05d}", lambda image=image: image)

    return lambda: extraction.extract(keyed, [extractor], method)


def _predict(name: str, images: Images) -> Callable[[], object]:
    from cytoimagenet_tfds.training import models

    model = models.application(name)(include_top=False, weights=None, pooling="avg")

    def one_by_one() -> Iterator[tuple[npt.NDArray[np.float32]]]:
        for image in images:
            yield (np.repeat(image[None], 3, axis=-1).astype(np.float32),)

    return lambda: model.predict(one_by_one(), steps=len(images), verbose=0)


def options() -> Mapping[str, tuple[Any, str]]:
    """Returns name -> (default, help) of the options of this measurement."""
    return {
        "model": ("EfficientNetB0", "class of keras.applications"),
        "images": (128, "images to take features of, 0 for none"),
        "side": (64, "side of the images, pixels; 64 as the cells of COOS-7 and CYCLoPs"),
        "batch": (32, "images at a time"),
    }
