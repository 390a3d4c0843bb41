"""What a prepared benchmark says of its images beside the pixels, by key."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import inputs


@dataclasses.dataclass(frozen=True)
class Facts:
    """Columns of the examples of a dataset, sorted by key.

    Attributes:
      name: full name of the dataset.
      keys: [N] keys.
      columns: name -> [N] values; `label` is text, '' for no class; `split` is the split.
    """

    name: str
    keys: npt.NDArray[np.str_]
    columns: Mapping[str, npt.NDArray[Any]]

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Returns a column; raises TableError with those there are."""
        if name not in self.columns:
            raise errors.TableError(errors.unknown_name("column", name, self.columns))
        return self.columns[name]

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Facts:
        """Returns some of the rows, [N] bool."""
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return Facts(self.name, self.keys[chosen], columns)

    def among(self, keys: npt.NDArray[np.str_]) -> Facts:
        """Returns the rows of images that have features; others were rejected at extraction."""
        return self.rows(np.isin(self.keys, keys))


def read(builder: Any) -> Facts:
    """Reads the facts of every split of a prepared dataset, without decoding an image."""
    feature = builder.info.features["label"]
    lines: list[dict[str, Any]] = []
    for split in sorted(builder.info.splits):
        for example in inputs.dataset_examples(builder, split, pixels=False):
            values = {name: _plain(value) for name, value in example.items() if name != "image"}
            label = int(values["label"])
            values["label"] = feature.int2str(label) if label >= 0 else ""
            lines.append({**values, "split": split})
    lines.sort(key=lambda line: str(line["key"]))
    columns = {name: np.array([line[name] for line in lines]) for name in lines[0]}
    return Facts(builder.info.full_name, columns.pop("key"), columns)


def _plain(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value.item()
