"""Features of many images: in full batches, stored part by part, resumed where it stopped."""

from __future__ import annotations

import collections
import dataclasses
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from .extractors import Extractor
from .inputs import Inputs
from .planes import Method, planes
from .table import FeatureTable, stack

_PART = 2048  # images a part of an unfinished table holds

Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Extraction:
    """Features, and the images that have none.

    Attributes:
      tables: one per extractor, in their order, all of the same keys.
      rejected: key -> reason and message.
    """

    tables: tuple[FeatureTable, ...]
    rejected: Mapping[str, str]


def extract(
    inputs: Inputs,
    extractors: Sequence[Extractor],
    method: Method,
    *,
    size: int | None = None,
    out: Sequence[str | Path] | None = None,
    about: Mapping[str, str] | None = None,
) -> Extraction:
    """Takes the features of every image with every extractor.

    Each image is read once. Planes of one size go to the model in batches that are always full, so
    that a feature does not depend on which images lie beside it.

    Args:
      inputs: the images.
      extractors: what makes features; their features are not mixed, see `table.fuse`.
      method: from channels to planes; the features of the planes of an image are joined.
      size: side in pixels the planes are resized to, None for the size they have.
      out: one Parquet file per extractor. Beside it lies `<name>.parts` while it is not finished:
        started again, images in it are not done again.
      about: what the tables say of their origin, beside weights and method.

    Raises:
      ConfigError: parts of other features lie there; two images gave features of different length.
      TableError: a key occurs twice.
    """
    facts = [{**(about or {}), "weights": e.name, "identity": e.identity, "method": method.name,
              "size": str(size or "native")} for e in extractors]  # fmt: skip
    paths = [Path(path) for path in out] if out else [None] * len(extractors)
    stores = [_Store(path, fact) for path, fact in zip(paths, facts, strict=True)]
    done = set.intersection(*(store.keys for store in stores))
    rejected: dict[str, str] = {}
    waiting: dict[tuple[int, int], list[_Plane]] = collections.defaultdict(list)
    joiners = [_Joiner(store) for store in stores]
    batch = max(extractor.batch for extractor in extractors)
    for plane in _planes(inputs, method, size, done, rejected):
        group = waiting[plane.pixels.shape[0], plane.pixels.shape[1]]
        group.append(plane)
        if len(group) == batch:
            _run(group, extractors, joiners)
            group.clear()
    for shape in sorted(waiting):
        if waiting[shape]:
            _run(waiting[shape], extractors, joiners)
    if not any(store.keys for store in stores):
        reasons = collections.Counter(reason.partition(":")[0] for reason in rejected.values())
        raise errors.ConfigError(
            f"No image has features; rejected: {dict(sorted(reasons.items()))}."
        )
    return Extraction(tuple(store.finish() for store in stores), dict(sorted(rejected.items())))


@dataclasses.dataclass(frozen=True)
class _Plane:
    key: str
    number: int
    count: int
    pixels: Floats


def _planes(
    inputs: Inputs, method: Method, size: int | None, done: set[str], rejected: dict[str, str]
) -> Iterator[_Plane]:
    for one in inputs():
        if one.key in done:
            continue
        try:
            found = planes(one.read(), method)
        except errors.ImageError as error:
            rejected[one.key] = f"{error.reason}: {error}"
            continue
        for number, pixels in enumerate(found):
            yield _Plane(one.key, number, len(found), _resized(pixels, size))


def _resized(pixels: Floats, size: int | None) -> Floats:
    if size is None or pixels.shape == (size, size):
        return pixels
    # Averages over the area where the image shrinks, so that nothing is skipped.
    way = cv2.INTER_AREA if min(pixels.shape) > size else cv2.INTER_LINEAR
    resized: Any = cv2.resize(pixels, (size, size), interpolation=way)
    return np.asarray(resized, np.float32)


def _run(
    group: Sequence[_Plane], extractors: Sequence[Extractor], joiners: Sequence[_Joiner]
) -> None:
    pixels = np.stack([plane.pixels for plane in group])
    for extractor, joiner in zip(extractors, joiners, strict=True):
        for start in range(0, len(pixels), extractor.batch):
            part = pixels[start : start + extractor.batch]
            full = np.zeros((extractor.batch, *part.shape[1:]), np.float32)
            full[: len(part)] = part
            images = np.repeat(full[..., None], 3, axis=-1)
            features = np.asarray(extractor.function(images), np.float32)[: len(part)]
            for plane, values in zip(group[start : start + len(part)], features, strict=True):
                joiner.add(plane, values)


class _Joiner:
    """Joins the features of the planes of each image in their order."""

    def __init__(self, store: _Store) -> None:
        self._store = store
        self._open: dict[str, dict[int, Floats]] = collections.defaultdict(dict)

    def add(self, plane: _Plane, values: Floats) -> None:
        parts = self._open[plane.key]
        parts[plane.number] = values
        if len(parts) == plane.count:
            del self._open[plane.key]
            self._store.add(plane.key, np.concatenate([parts[n] for n in range(plane.count)]))


class _Store:
    """Features of images so far, on the disk where there is a path."""

    def __init__(self, path: Path | None, about: Mapping[str, str]) -> None:
        self._path, self._about = path, dict(about)
        self._tables: list[FeatureTable] = []
        self._rows: dict[str, Floats] = {}
        self._parts = path.with_name(f"{path.name}.parts") if path else None
        for file in self._earlier():
            table = FeatureTable.load(file)
            if dict(table.about) != self._about:
                raise errors.ConfigError(
                    f"{file} holds other features: {dict(table.about)}, wanted {self._about}. Name "
                    "another file, or remove it."
                )
            self._tables.append(table)
        self._before = {key for table in self._tables for key in table.keys.tolist()}
        self.keys = set(self._before)

    def _earlier(self) -> list[Path]:
        whole = [self._path] if self._path and self._path.is_file() else []
        return [*whole, *(sorted(self._parts.glob("*.parquet")) if self._parts else [])]

    def add(self, key: str, values: Floats) -> None:
        if key in self._before:
            return  # one of several extractors had got further than the others
        if key in self.keys:
            raise errors.TableError(f"The key {key!r} occurs twice.")
        width = self._width()
        if width not in (None, len(values)):
            raise errors.ConfigError(
                f"{key} has {len(values):,} features, others have {width:,}: all images of one "
                "table need the same number of channels. Merge the channels instead."
            )
        self.keys.add(key)
        self._rows[key] = values
        if len(self._rows) == _PART and self._parts:
            self._flush()

    def _width(self) -> int | None:
        if self._tables:
            return int(self._tables[0].features.shape[1])
        return len(next(iter(self._rows.values()))) if self._rows else None

    def _flush(self) -> None:
        if not self._rows:
            return
        table = FeatureTable.of(list(self._rows), np.stack(list(self._rows.values())), self._about)
        if self._parts:
            table.save(self._parts / f"{len(self._tables):05d}.parquet")
        self._tables.append(table)
        self._rows = {}

    def finish(self) -> FeatureTable:
        """Returns the whole table, stored under its own name."""
        self._flush()
        table = stack(self._tables)
        if self._path:
            table.save(self._path)
            shutil.rmtree(self._parts, ignore_errors=True)  # type: ignore[arg-type]
        return table
