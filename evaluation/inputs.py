"""Images to take features of: a file, a folder, a prepared dataset, a row table; keyed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, files, images, prepared, tables
from cytoimagenet_tfds.sources.tree import Tree

Array = npt.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Keyed:
    """An image that is read when it is wanted.

    Attributes:
      key: identity of the image.
      read: returns its channels, [H, W, C]; raises ImageError where it cannot be used.
    """

    key: str
    read: Callable[[], Array]


Inputs = Callable[[], Iterator[Keyed]]


def of(path: str, root: str = "", split: str = "all", data_dir: str | None = None) -> Inputs:
    """Returns the images of a path, whatever it is.

    Args:
      path: an image file, a folder of images, a row table or plan (`.parquet`), or the name of a
        prepared dataset as in `tfds.load`.
      root: folder of the source a row table describes.
      split: split of a dataset, as in `tfds.load`.
      data_dir: folder of prepared datasets.

    Raises:
      ConfigError: it is none of these.
    """
    if path.endswith(".parquet"):
        return of_rows(path, root)
    if os.path.isdir(path):
        return of_folder(path)
    if os.path.isfile(path):
        return of_file(path)
    try:
        found = builder(path, data_dir)
    except errors.ConfigError as error:
        raise errors.ConfigError(f"{path} is no file and no folder. {error}") from error
    return of_dataset(found, split)


def of_file(path: str | os.PathLike[str]) -> Inputs:
    """Returns one image; its key is the name of the file."""
    return lambda: iter([Keyed(Path(path).name, lambda: _channel(images.read(path)))])


def of_folder(root: str | os.PathLike[str]) -> Inputs:
    """Returns the images below a folder, archives included; keys are relative paths, sorted."""
    tree = Tree(root)
    paths = tree.image_files()
    if not paths:
        raise errors.ConfigError(f"{root} holds no image file.")

    def read(path: str) -> Array:
        return _channel(images.decode(tree.read_bytes(path), name=path))

    return lambda: (Keyed(path, lambda path=path: read(path)) for path in paths)  # type: ignore[misc]


def of_rows(path: str | os.PathLike[str], root: str) -> Inputs:
    """Returns the images of a row table or plan, channels apart; keys are those of the table.

    Args:
      path: Parquet file with the columns `key` and `files`, as `cytoimagenet table` writes it.
      root: folder the files are relative to.
    """
    if not root:
        raise errors.ConfigError(f"{path} is a table of images: say below which folder they lie.")
    data = tables.read_arrow(path)
    absent = {"key", "files"} - set(data.column_names)
    if absent:
        raise errors.TableError(f"{path} is no row table: it lacks {', '.join(sorted(absent))}.")
    pairs = list(zip(data["key"].to_pylist(), data["files"].to_pylist(), strict=True))
    return lambda: (Keyed(key, lambda text=text: _read(root, text)) for key, text in pairs)  # type: ignore[misc]


def of_dataset(builder: Any, split: str = "all") -> Inputs:
    """Returns the images of a prepared dataset.

    Keys are the column `key` where there is one, otherwise those TFDS gives (`tfds_id`).
    """

    def examples() -> Iterator[Keyed]:
        for example in dataset_examples(builder, split):
            key = example.get("key", example.get("tfds_id"))
            image = example["image"]
            yield Keyed(_text(key), lambda image=image: image)  # type: ignore[misc]

    return examples


def dataset_examples(builder: Any, split: str, *, pixels: bool = True) -> Iterator[dict[str, Any]]:
    """Yields the examples of a split as NumPy; without `pixels` the image is not decoded."""
    import tensorflow_datasets as tfds

    skip = None if pixels else {"image": tfds.decode.SkipDecoding()}
    if builder.info.file_format.value == "array_record":
        yield from builder.as_data_source(split=split, decoders=skip)
        return
    config = tfds.ReadConfig(add_tfds_id=True, interleave_cycle_length=1)
    dataset = builder.as_dataset(
        split=split, decoders=skip, read_config=config, shuffle_files=False
    )
    yield from tfds.as_numpy(dataset)


def builder(name: str, data_dir: str | None = None) -> Any:
    """Returns a prepared dataset; raises ConfigError where there is none of that name."""
    return prepared.find_builder(name, data_dir)


def _read(root: str, text: str) -> Array:
    found = [_plane(root, reference) for reference in files.split(text)]
    if len({plane.shape for plane in found}) != 1:
        raise errors.ImageError("shape mismatch", f"{text}: the channels have several sizes.")
    if len(found) == 1:
        return _channel(found[0])
    return np.concatenate([_channel(plane) for plane in found], axis=-1)


def _plane(root: str, reference: files.FileRef) -> Array:
    data = files.read_bytes(root, reference)
    image = images.decode(data, reference.plane, reference.path)
    if reference.region is None:
        return image
    y_min, y_max, x_min, x_max = reference.region
    return image[y_min:y_max, x_min:x_max]


def _channel(image: Array) -> Array:
    """Returns [H, W, 1]; 8-bit colour becomes its channel mean, rounded, 8 bits too."""
    if image.ndim == 3:
        image = np.rint(images.to_grey(image)).astype(np.uint8)
    return image[..., None]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
