"""Figures from files: counts of a training table, compositions, two resolutions."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, images, wording
from cytoimagenet_tfds.sources.kaggle import _hpa, kag_hpa
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree
from cytoimagenet_tfds.training import balance
from cytoimagenet_tfds.training.hpa import charts

Pixels = npt.NDArray[np.uint8]
COLOURS = tuple(channel.code for channel in _hpa.CHANNELS)


def label_sets(table: str | os.PathLike[str]) -> dict[tuple[int, ...], int]:
    """Returns numbers of labels -> images that have exactly these, of a training table.

    Args:
      table: CSV with the columns Id and Target, also as `.gz` or `.zip`.

    Raises:
      SourceLayoutError: there is no such table, or a cell holds something else than labels.
    """
    labels = kag_hpa.LABELS
    path, report = Path(table), Report()
    found = Tree(path.parent).table(path.name, (labels.id_column, labels.label_column), report)
    if found is None:
        raise errors.SourceLayoutError(f"{path}: {' '.join(report.fatals)}")
    cells = found[labels.label_column]
    odd = found.loc[cells.map(labels.is_odd) | (cells.str.strip() == ""), labels.id_column]
    if len(odd):
        shown = ", ".join(sorted(odd)[:20])
        raise errors.SourceLayoutError(
            f"{path}: {wording.counted(len(odd), 'image has', 'images have')} no labels, or others "
            f"than 0 to {len(labels.structures) - 1}: {shown}"
        )
    return dict(sorted(Counter(map(labels.numbers, cells)).items()))


def draw_table(table: str | os.PathLike[str], out: Path, rare: int, most: int) -> list[str]:
    """Draws the counts of a training table; returns what two lines of text say about it.

    Args:
      table: see `label_sets`.
      out: file to write.
      rare: see `balance.copies`; 0 for the counts alone.
      most: see `balance.copies`.
    """
    names = kag_hpa.LABELS.structures
    sets = label_sets(table)
    counts = balance.counts(sets, len(names))
    copies = balance.copies(counts, rare, most)
    images_there = sum(sets.values())
    after = balance.after(sets, copies) if rare else []
    title = f"{wording.counted(images_there, 'image')}, {wording.counted(sum(counts), 'label')}"
    charts.draw_counts(names, counts, out, after=after, title=title)
    first, second = np.argsort(-np.asarray(counts), kind="stable")[:2]
    either = sum(number for held, number in sets.items() if {first, second} & set(held))
    both = f"{names[first]} and {names[second]}"
    lines = [
        f"{images_there:,} images; {both}: {either / images_there:.1%} of the images have one of "
        f"them, {(counts[first] + counts[second]) / sum(counts):.1%} of the labels are one."
    ]
    length = balance.epoch_length(sets, copies)
    return (
        [*lines, f"With copies of rare labels an epoch has {length:,} images."] if rare else lines
    )


def stack(paths: dict[str, Path]) -> Pixels:
    """Returns [H, W, 4] uint8 of four files; a 16-bit stain is stretched, see `images.normalize`.

    Args:
      paths: colour -> file.

    Raises:
      ImageError: a file cannot be read, or the sizes differ.
    """
    planes = [_as_bytes(images.to_grey(images.read(paths[colour]))) for colour in COLOURS]
    shapes = {plane.shape for plane in planes}
    if len(shapes) > 1:
        raise errors.ImageError("sizes differ", f"The stains differ in size: {sorted(shapes)}.")
    return np.stack(planes, axis=-1)


def find(folder: str | os.PathLike[str], name: str = "") -> dict[str, Path]:
    """Returns colour -> file of one image: `<name>_<colour>.<ending>`.

    Args:
      folder: holds the files.
      name: which image; '' for the first in sorted order that has all four.

    Raises:
      ConfigError: no image of that name has all four colours.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(Path(folder).iterdir()):
        stem, _, colour = path.stem.rpartition("_")
        if colour in COLOURS and (not name or stem == name):
            found.setdefault(stem, {})[colour] = path
    whole = [files for files in found.values() if len(files) == len(COLOURS)]
    if not whole:
        parts = [f"{stem} has {', '.join(files)}" for stem, files in found.items()]
        told = "; ".join(parts[:3]) or "there is none at all"
        raise errors.ConfigError(
            f"{folder}: no image {name!r} with the files _red, _green, _blue and _yellow: {told}."
        )
    return whole[0]


def _as_bytes(plane: npt.NDArray[np.generic]) -> Pixels:
    if plane.dtype == np.uint8:
        return np.asarray(plane, dtype=np.uint8)
    return np.asarray(np.rint(images.normalize(plane) * 255), dtype=np.uint8)
