"""Reading a prepared dataset with the columns of the schema: what it is, example by example."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import errors, schema

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import tensorflow_datasets as tfds

# Only CytoImageNet assigns them; the source datasets have no classes.
OPTIONAL = ("label", "category")

_INFO = "dataset_info.json"
_DEPTH = 3  # name, config, version
_PNG_SIZE = slice(16, 24)  # width and height in the header of a PNG file


@dataclasses.dataclass(frozen=True)
class Example:
    """One example, its image as it is stored.

    Attributes:
      values: column -> value: text, number, truth value or list of texts; classes as text.
      stored: PNG bytes, or an array [H, W, C] where the dataset stores arrays.
    """

    values: dict[str, Any]
    stored: Any

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, without decoding."""
        if isinstance(self.stored, bytes):
            header = self.stored[_PNG_SIZE]
            return int.from_bytes(header[4:], "big"), int.from_bytes(header[:4], "big")
        return int(self.stored.shape[0]), int(self.stored.shape[1])

    def grey(self) -> npt.NDArray[np.uint8]:
        """Returns the image for people, [H, W] uint8; several channels are merged."""
        from cytoimagenet_tfds import images

        if isinstance(self.stored, bytes):
            pixels = images.decode_png(self.stored)
            if pixels.ndim == 3 and pixels.shape[2] == 1:
                pixels = pixels[..., 0]
        else:
            pixels = self.stored
        if pixels.ndim == 2 and pixels.dtype.name == "uint8":
            return pixels.astype("uint8")
        channels = (
            [pixels] if pixels.ndim == 2 else [pixels[..., c] for c in range(pixels.shape[2])]
        )
        return images.merge(channels)


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A prepared dataset.

    Attributes:
      builder: its TFDS builder.
    """

    builder: Any

    @property
    def info(self) -> Any:
        """TFDS' DatasetInfo."""
        return self.builder.info

    @property
    def name(self) -> str:
        """Name, config and version: cytoimagenet/sample/1.0.0."""
        return str(self.info.full_name)

    @property
    def folder(self) -> epath.Path:
        """The folder of the shards."""
        return epath.Path(self.builder.data_path)

    @property
    def splits(self) -> dict[str, int]:
        """Split -> number of examples, sorted by name."""
        return {name: int(split.num_examples) for name, split in sorted(self.info.splits.items())}

    @property
    def labelled(self) -> bool:
        """Whether every image has one class."""
        return "label" in self.info.features

    @functools.cached_property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their numbers, () for a dataset without classes."""
        return tuple(self.info.features["label"].names) if self.labelled else ()

    @property
    def columns(self) -> tuple[schema.Column, ...]:
        """The columns of an example, in the order of the schema."""
        features = self.info.features
        return tuple(column for column in schema.columns("example") if column.name in features)

    def is_list(self, column: schema.Column) -> bool:
        """Whether a cell holds several texts; `channels` does where channels are kept apart."""
        return hasattr(self.info.features[column.name], "feature")

    @property
    def stores_png(self) -> bool:
        """Whether images are stored as PNG files, not as arrays."""
        return hasattr(self.info.features["image"], "encoding_format")

    @property
    def metadata(self) -> dict[str, Any]:
        """What the build noted: plan hash, rules, counts, versions; {} where it noted nothing."""
        return dict(self.info.metadata or {})

    def examples(self, split: str) -> Iterator[Example]:
        """Yields the examples of a split in the order of its shards; images are not decoded."""
        from cytoimagenet_tfds import prepared_records

        direct = prepared_records.examples(self, split)
        yield from self._decoded(split) if direct is None else (Example(*pair) for pair in direct)

    def table(self) -> pd.DataFrame:
        """Returns one line per example: its split and all columns, in the order of the shards."""
        import pandas as pd

        return pd.DataFrame(
            {"split": split, **example.values}
            for split in self.splits
            for example in self.examples(split)
        )

    def _decoded(self, split: str) -> Iterator[Example]:
        """Yields the examples as TFDS decodes them."""
        import tensorflow_datasets as tfds

        decoders = {"image": tfds.decode.SkipDecoding()} if self.stores_png else None
        if self.info.file_format.value == "array_record":  # which TFDS reads by number only
            data = self.builder.as_data_source(split=split, decoders=decoders)
        else:
            found = self.builder.as_dataset(split=split, decoders=decoders, shuffle_files=False)
            data = tfds.as_numpy(found)
        readers = [(column.name, _reader(self, column)) for column in self.columns]
        for record in data:
            yield Example({name: read(record[name]) for name, read in readers}, record["image"])


def open_dataset(name: str, data_dir: str | None = None) -> Prepared:
    """Opens a prepared dataset by its name, or by its folder.

    Args:
      name: as in `tfds.load`, or the path of the folder that holds `dataset_info.json`.
      data_dir: folder of the datasets, TFDS' own by default.

    Raises:
      ConfigError: there is none, or its examples do not have the columns of the schema.
    """
    builder = find_builder(name, data_dir)
    missing = [
        column.name
        for column in schema.columns("example")
        if column.name not in builder.info.features and column.name not in OPTIONAL
    ]
    missing += [] if "image" in builder.info.features else ["image"]
    if missing:
        raise errors.ConfigError(
            f"{builder.info.full_name} is prepared, but is no dataset with the metadata of "
            f"CytoImageNet: its examples have no {', '.join(missing)}. They have "
            f"{', '.join(sorted(builder.info.features))}. Datasets of the builders cytoimagenet, "
            "bbbc, cell_image_library, idr, kaggle and recursion have them all."
        )
    return Prepared(builder)


def find_builder(name: str, data_dir: str | None = None) -> tfds.core.DatasetBuilder:
    """Returns the builder of a prepared dataset, whatever columns it has.

    Args:
      name: as for `open_dataset`, as is `data_dir`.
      data_dir: folder of the datasets.

    Raises:
      ConfigError: there is none.
    """
    import tensorflow_datasets as tfds

    import cytoimagenet_tfds  # noqa: F401  registers the builders

    if (epath.Path(name) / _INFO).exists():
        return tfds.builder_from_directory(name)
    root = os.path.expanduser(data_dir or tfds.core.constants.DATA_DIR)
    command, what = "tfds build NAME --imports=cytoimagenet_tfds", "a dataset"
    # TFDS may say by an AssertionError that there is no such version.
    with contextlib.suppress(
        ValueError, ImportError, AssertionError, tfds.core.DatasetNotFoundError
    ):
        builder = tfds.builder(name, data_dir=data_dir)
        if builder.is_prepared():
            return builder
        command, what = command.replace("NAME", name), "it"
    message = errors.unknown_name("prepared dataset", name, found_below(root))
    raise errors.ConfigError(
        f"{message} Looked below {root}. --data_dir names another folder; {command} prepares "
        f"{what}."
    )


def found_below(data_dir: str | os.PathLike[str]) -> list[str]:
    """Returns the names, with config, of the datasets that are prepared below a folder."""
    root = epath.Path(data_dir)
    found: set[str] = set()
    level: list[tuple[tuple[str, ...], Any]] = [((), root)] if root.is_dir() else []
    for _ in range(_DEPTH):
        level = [
            ((*parts, path.name), path)
            for parts, folder in level
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith(".")
        ]
        found.update("/".join(parts[:-1]) for parts, path in level if (path / _INFO).exists())
    return sorted(found)


def _reader(dataset: Prepared, column: schema.Column) -> Callable[[Any], Any]:
    if column.kind == "class":
        names: Sequence[str] = dataset.info.features[column.name].names
        return lambda value: names[int(value)] if value >= 0 else ""
    if dataset.is_list(column):
        return lambda value: [text.decode() for text in value]
    readers: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool}
    return readers.get(column.kind, lambda value: value.decode())
