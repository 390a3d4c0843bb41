"""The same examples as NumPy arrays from `tfds.data_source`, for JAX, PyTorch and Grain.

`Examples` has `__len__` and `__getitem__`, what a PyTorch `DataLoader` and a Grain sampler
need. `Batches` feeds Keras on any backend. Neither runs TensorFlow operations.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt
from PIL import Image

from cytoimagenet_tfds import hashing
from cytoimagenet_tfds.training import balance, data, geometry, hooks
from cytoimagenet_tfds.training.recipe import Recipe

Pixels = npt.NDArray[np.uint8]


class Examples:
    """Examples of one split by number.

    Args:
      dataset: prepared as array_record or Parquet.
      split: `train` or `validation`.
      recipe: size, augmentation, seed.
      epoch: augments for this epoch; None leaves images as they are.
      keys: only these examples.
    """

    def __init__(
        self,
        dataset: data.Dataset,
        split: str,
        recipe: Recipe,
        epoch: int | None = None,
        keys: Collection[str] | None = None,
    ) -> None:
        self._dataset, self._recipe, self.epoch = dataset, recipe, epoch
        self._values = {value: number for number, value in enumerate(dataset.values)}
        self._split = split
        self._source = self._open(with_image=True)
        self.numbers = self._numbers(keys)
        self.copies = np.zeros(len(self.numbers), dtype=np.int64)
        if epoch is not None and dataset.copies:
            self._repeat()

    def _open(self, *, with_image: bool) -> data.Records:
        names = ["key", self._dataset.target, *(["image"] if with_image else [])]
        names += [name for name in ("category",) if name in self._dataset.builder.info.features]
        return data.Records(self._dataset.builder, self._split, names)

    def _numbers(self, keys: Collection[str] | None) -> npt.NDArray[np.int64]:
        """Returns the numbers of the records of the chosen classes and keys."""
        if keys is None and not self._dataset.chosen:
            return np.arange(len(self._source))
        records = self._open(with_image=False)
        hits = [n for n in range(len(records)) if self._wanted(records[n], keys)]
        return np.array(hits, dtype=np.int64)

    def _repeat(self) -> None:
        """Gives every record as often as its rarest class asks for."""
        records = self._open(with_image=False)
        targets = [np.flatnonzero(self._target(records[int(n)])) for n in self.numbers]
        counts = [balance.repeats(t.tolist(), self._dataset.copies) for t in targets]
        self.numbers = np.repeat(self.numbers, counts)
        self.copies = np.concatenate([np.arange(count) for count in counts])

    def _image(self, record: dict[str, Any], copy: int) -> Pixels:
        """Returns the image of a row; each copy of a record is augmented in its own way."""
        key = record["key"].decode()
        still = self._recipe.augment_rare_only and not copy
        own = f"{key}#copy={copy}" if copy else key
        return image(record["image"], own, self._recipe, None if still else self.epoch)

    def _wanted(self, record: dict[str, Any], keys: Collection[str] | None) -> bool:
        if keys is not None and record["key"].decode() not in keys:
            return False
        return not self._dataset.chosen or bool(self._target(record).any())

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, number: int) -> tuple[Pixels, npt.NDArray[np.float32]]:
        """Returns the image [size, size, C] uint8 and its target [classes] float32."""
        row = self.row(number)
        return row["image"], row["target"]

    def row(self, number: int) -> dict[str, Any]:
        """Returns `image`, `target`, `key` (bytes) and `category` (-1: none)."""
        record = self._source[int(self.numbers[number])]
        return {
            "image": self._image(record, int(self.copies[number])),
            "target": self._target(record),
            "key": record["key"],
            "category": int(record.get("category", -1)),
        }

    def _target(self, record: dict[str, Any]) -> npt.NDArray[np.float32]:
        target = np.zeros(len(self._values), dtype=np.float32)
        for value in np.ravel(np.asarray(record[self._dataset.target], dtype=object)).tolist():
            number = self._values.get(value)
            if number is not None:
                target[number] = 1
        return target


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of one split for one epoch, shuffled by (seed, epoch) where there is an epoch."""

    def __init__(
        self,
        dataset: data.Dataset,
        split: str,
        recipe: Recipe,
        epoch: int | None = None,
        keys: Collection[str] | None = None,
    ) -> None:
        super().__init__(workers=1)
        self._examples = Examples(dataset, split, recipe, epoch, keys)
        self._batch = recipe.batch
        self._compose = hooks.resolve(recipe.compose) if recipe.compose else None
        self._order = np.arange(len(self._examples))
        if epoch is not None:
            hashing.generator(recipe.seed, "order", str(epoch)).shuffle(self._order)

    def __len__(self) -> int:
        return math.ceil(len(self._order) / self._batch)

    def __getitem__(self, number: int) -> tuple[Any, npt.NDArray[np.float32]]:
        """Returns (images [B, size, size, C] uint8, targets [B, classes] float32)."""
        rows = self.rows(number)
        return rows["image"], rows["target"]

    def rows(self, number: int) -> dict[str, Any]:
        """Returns batch `number` of whole rows: `image`, `target`, `key` and `category`."""
        chosen = self._order[number * self._batch : (number + 1) * self._batch]
        rows = [self._examples.row(n) for n in chosen]
        batch: dict[str, Any] = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        if self._compose is not None:
            batch["image"] = np.asarray(self._compose(batch["image"]))  # it may return a tensor
        return batch


def image(pixels: Pixels, key: str, recipe: Recipe, epoch: int | None) -> Pixels:
    """Returns one image [size, size, C] uint8, augmented where there is an epoch."""
    augmentation, size = recipe.augmentation, recipe.image_size
    if recipe.antialias and max(pixels.shape[:2]) > size:
        pixels = _smaller(pixels, size)
    drawn = geometry.draw(recipe.augmentation, np.zeros(geometry.DRAWS), np)
    if epoch is None or not augmentation.geometric:
        moved = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_LINEAR)
    if epoch is not None:
        uniform = hashing.generator(recipe.seed, f"augmentation {epoch}", key).random(
            geometry.DRAWS
        )
        drawn = geometry.draw(augmentation, uniform, np)
        if augmentation.geometric:
            moved = _move(pixels, drawn, size)
        if augmentation.photometric:
            tone = (moved - 127.5) * drawn.contrast + 127.5 + drawn.brightness
            moved = np.clip(np.rint(tone), 0, 255).astype(np.uint8)
    return np.asarray(moved, np.uint8).reshape(size, size, pixels.shape[-1])


def _smaller(pixels: Pixels, size: int) -> Pixels:
    """Resizes each channel with smoothing."""
    planes = [Image.fromarray(pixels[..., channel]) for channel in range(pixels.shape[-1])]
    resized = [plane.resize((size, size), Image.Resampling.BILINEAR) for plane in planes]
    return np.stack([np.asarray(plane) for plane in resized], axis=-1)


def _move(pixels: Pixels, drawn: geometry.Drawn, size: int) -> Pixels:
    numbers = geometry.coefficients(drawn, pixels.shape[0], pixels.shape[1], size, np)
    moved = cv2.warpAffine(
        pixels, np.reshape(numbers, (2, 3)), (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return np.asarray(moved, dtype=np.uint8)
