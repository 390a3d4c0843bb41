"""Features of images as tables keyed by example key: stored as Parquet, joined by key alone."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds import tables as parquet

_SHOWN = 3
_PREFIX = "cytoimagenet."  # of our own entries in the file's metadata


@dataclasses.dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of images, sorted by key, so that no order of files or workers is left in them.

    Attributes:
      keys: [N] keys, unique, ascending, text.
      features: [N, D] float32; float64 where a table of measurements was imported.
      about: where they come from: dataset, weights, method, size of input ...
    """

    keys: npt.NDArray[np.str_]
    features: npt.NDArray[Any]
    about: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(
        cls,
        keys: Sequence[str],
        features: npt.ArrayLike,
        about: Mapping[str, str] | None = None,
    ) -> FeatureTable:
        """Makes a table of features in any order.

        Args:
          keys: [N] key of each row.
          features: [N, D].
          about: where they come from.

        Raises:
          TableError: another shape, an empty key, a key that occurs twice.
        """
        values = np.asarray(features, np.float32)
        if values.ndim != 2 or len(values) != len(keys):
            raise errors.TableError(
                f"{wording.counted(len(keys), 'key needs', 'keys need')} features of shape "
                f"[{len(keys)}, D], not {list(values.shape)}."
            )
        names = np.array([str(key) for key in keys], dtype=np.str_)
        order = np.argsort(names, kind="stable")
        names = names[order]
        problems = errors.Problems()
        if (names == "").any():
            problems.add(
                f"{wording.counted(int((names == '').sum()), 'key is', 'keys are')} empty."
            )
        twice = np.unique(names[1:][names[1:] == names[:-1]])
        if twice.size:
            problems.add(
                f"{wording.counted(twice.size, 'key occurs', 'keys occur')} more than once: "
                f"{_listed(twice)}."
            )
        problems.raise_if_any(errors.TableError, "Features need one key of its own per row:")
        return cls(names, np.ascontiguousarray(values[order]), dict(about or {}))

    def rows(self, keys: Sequence[str]) -> npt.NDArray[Any]:
        """Returns the features of these keys, [len(keys), D], in the order of `keys`.

        Raises:
          TableError: a key is not in the table.
        """
        wanted = np.array([str(key) for key in keys], dtype=np.str_)
        places = np.searchsorted(self.keys, wanted)
        places = np.minimum(places, max(len(self.keys) - 1, 0))
        found = self.keys[places] == wanted if len(self.keys) else np.zeros(len(wanted), np.bool_)
        if not found.all():
            absent = np.unique(wanted[~found])
            raise errors.TableError(
                f"{absent.size:,} of {len(wanted):,} images have no features: {_listed(absent)}."
            )
        return self.features[places]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the table as Parquet: `key`, and `features` as a list of fixed length."""
        import pyarrow as pa

        width = self.features.shape[1]
        flat = pa.array(self.features.reshape(-1), pa.float32())
        columns = {
            "key": pa.array(self.keys.tolist(), pa.string()),
            "features": pa.FixedSizeListArray.from_arrays(flat, width),
        }
        metadata = {_PREFIX + name: value for name, value in sorted(self.about.items())}
        data = pa.table(columns).replace_schema_metadata(metadata)
        parquet.write_arrow(data, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FeatureTable:
        """Reads a table that `save` wrote; raises TableError where it is none."""
        import pyarrow as pa

        data = parquet.read_arrow(path)
        if not {"key", "features"} <= set(data.column_names):
            raise errors.TableError(
                f"{path} is no table of features: it has the columns {data.column_names}, "
                "expected key and features."
            )
        features = data["features"].combine_chunks()
        if not pa.types.is_fixed_size_list(features.type):
            raise errors.TableError(
                f"{path}: features are {features.type}, expected lists of one fixed length."
            )
        width = features.type.list_size
        values = features.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
        entries = (data.schema.metadata or {}).items()
        about = {
            name.decode().removeprefix(_PREFIX): value.decode()
            for name, value in entries
            if name.decode().startswith(_PREFIX)
        }
        return cls.of(data["key"].to_pylist(), values, about)


def fuse(tables: Sequence[FeatureTable]) -> FeatureTable:
    """Joins the features of several models side by side, by key.

    Rows are never matched by position: of two tables of the same images in another order that would
    join the features of one cell to those of another.

    Raises:
      TableError: the tables do not hold the same keys.
    """
    if not tables:
        raise errors.TableError("There is no table to fuse.")
    first = tables[0]
    problems = errors.Problems()
    for number, table in enumerate(tables[1:], start=1):
        for absent, where in (
            (np.setdiff1d(first.keys, table.keys), f"in table 0 but not in table {number}"),
            (np.setdiff1d(table.keys, first.keys), f"in table {number} but not in table 0"),
        ):
            if absent.size:
                problems.add(
                    f"{wording.counted(absent.size, 'key is', 'keys are')} {where}: "
                    f"{_listed(absent)}."
                )
    problems.raise_if_any(errors.TableError, "Only features of the same images can be fused:")
    names = sorted({name for table in tables for name in table.about})
    about = {name: " + ".join(_once(t.about.get(name, "?") for t in tables)) for name in names}
    features = np.concatenate([table.features for table in tables], axis=1)
    return FeatureTable(first.keys, features, about)


def stack(tables: Sequence[FeatureTable]) -> FeatureTable:
    """Joins parts of one table, such as the batches of an extraction that was resumed.

    Raises:
      TableError: a key in two parts, other features, or another origin.
    """
    if not tables:
        raise errors.TableError("There is no table to stack.")
    problems = errors.Problems()
    for number, table in enumerate(tables[1:], start=1):
        if table.features.shape[1] != tables[0].features.shape[1]:
            problems.add(
                f"Table {number} has {wording.counted(table.features.shape[1], 'feature')}, table "
                f"0 has {tables[0].features.shape[1]:,}."
            )
        if dict(table.about) != dict(tables[0].about):
            problems.add(f"Table {number} is about {table.about}, table 0 about {tables[0].about}.")
    problems.raise_if_any(errors.TableError, "Only parts of one table can be stacked:")
    keys = np.concatenate([table.keys for table in tables])
    features = np.concatenate([table.features for table in tables])
    return FeatureTable.of(keys.tolist(), features, tables[0].about)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _listed(keys: npt.NDArray[np.str_]) -> str:
    shown = ", ".join(keys[:_SHOWN].tolist())
    return f"{shown} ..." if len(keys) > _SHOWN else shown
