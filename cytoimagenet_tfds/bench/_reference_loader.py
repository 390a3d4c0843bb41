"""The reference implementation's image loader, to compare times with.

Keras 2's `ImageDataGenerator`: files from disk, colour, 224 x 224 bilinear, rotation by SciPy with
reflected borders.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cytoimagenet_tfds.training import data


def make(dataset: data.Dataset, folder: Path, count: int) -> Iterable[Any] | None:
    """Writes `count` images as files and returns the loader; None where SciPy is missing."""
    if importlib.util.find_spec("scipy") is None:
        return None
    _write(dataset, folder / "images", count)
    return _Loader(folder)


def _write(dataset: data.Dataset, folder: Path, count: int) -> None:
    import tensorflow_datasets as tfds

    folder.mkdir()
    decoders = {"image": tfds.decode.SkipDecoding()}
    records = dataset.builder.as_dataset(split=data.TRAIN, decoders=decoders).repeat().take(count)
    for number, record in enumerate(tfds.as_numpy(records)):
        (folder / f"{number:05d}.png").write_bytes(record["image"])


class _Loader:
    """One pass over the folder each time it is iterated."""

    def __init__(self, folder: Path) -> None:
        from keras.src.legacy.preprocessing.image import ImageDataGenerator

        generator = ImageDataGenerator(rotation_range=360, fill_mode="reflect")
        with contextlib.redirect_stdout(io.StringIO()):  # it says how many images it found
            self._batches = generator.flow_from_directory(
                folder, target_size=(224, 224), interpolation="bilinear", batch_size=64, seed=728565
            )

    def __iter__(self) -> Iterator[Any]:
        return itertools.islice(iter(self._batches), len(self._batches))
