"""From the files of COOS-7 to cells of two channels: the TIFF tree and the HDF5 files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import wording

if TYPE_CHECKING:
    import os

    import numpy.typing as npt

    from cytoimagenet_tfds.build.copies import Layout
    from cytoimagenet_tfds.build.fields import Content, Field
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree


# Cells of each split.
EXPECTED = {"train": 41_456, "test1": 10_364, "test2": 17_021, "test3": 32_596, "test4": 30_772}
CLASSES = 7
CHANNELS = ("protein", "nucleus")
SIDE = 64  # pixels

_TIFF = (
    r"(?:^|/)(?P<split>train|test[1-4])/(?P<label>[^/]+)/(?P<stem>[^/]+)_"
    r"(?P<channel>protein|nucleus)\.tiff?$"
)
_MASK = r"_mask\.tiff?$"
_HDF5 = re.compile(r"(?P<split>train|test[1-4])(?:ing)?\.(?:hdf5|h5)$", re.IGNORECASE)


def read(root: str | os.PathLike[str], layout: Layout, *, allow_differences: bool) -> Content:
    """Reads names and labels.

    Args:
      root: folder with the tree or the five files.
      layout: which of them.
      allow_differences: True for trials with a part of the data: other counts than the published
        ones are noted, not refused.
    """
    from cytoimagenet_tfds.build import fields
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

    report, tree = Report(), Tree(root)
    found = list({"tiff": _tiff, "hdf5": _hdf5}[layout](tree, report))
    classes = tuple(sorted({field.label for field in found}))
    add = functools.partial(report.note, "count") if allow_differences else report.fatal
    _compare(found, classes, add)
    return fields.Content(fields=tuple(found), classes=classes, report=report)


def _compare(found: list[Field], classes: tuple[str, ...], add: Callable[[str], None]) -> None:
    for split, expected in EXPECTED.items():
        count = sum(field.split == split for field in found)
        if count != expected:
            add(f"{split} has {wording.counted(count, 'cell')}, expected {expected:,}.")
    if len(classes) != CLASSES:
        add(f"{len(classes)} classes, expected {CLASSES}: {', '.join(classes)}.")


def _tiff(tree: Tree, report: Report) -> Iterator[Field]:
    from cytoimagenet_tfds.build import fields

    files = tree.match(_TIFF, report, ignore=_MASK)
    if files.empty:
        return
    files["split"] = files["split"].str.lower()
    files["channel"] = files["channel"].str.lower()
    files["key"] = files["split"] + "/" + files["label"] + "/" + files["stem"]
    for line in fields.pair(files, CHANNELS, report).to_dict("records"):
        paths = {channel: line[channel] for channel in CHANNELS}
        yield fields.Field(
            key=line["key"],
            split=line["split"],
            label=line["label"],
            columns={"name": line["stem"], "files": fields.references(tree, paths)},
            read=fields.reader(tree, paths, "uint16", (SIDE, SIDE)),
        )


def _hdf5(tree: Tree, report: Report) -> Iterator[Field]:
    paths = {found["split"].lower(): path
             for path in reversed(tree.files) if (found := _HDF5.search(path))}  # fmt: skip
    for split in EXPECTED:
        if split not in paths:
            report.fatal(f"There is no HDF5 file of {split}.", tree.files)
        else:
            yield from _rows(tree, paths[split], split, report)


def _rows(tree: Tree, path: str, split: str, report: Report) -> Iterator[Field]:
    from cytoimagenet_tfds import files
    from cytoimagenet_tfds.build import fields, hdf5

    file = hdf5.open_checked(tree, path, _problem, report)
    if file is None:
        return
    rows = hdf5.Rows(file["data"], path)
    for number, label in enumerate(file["labels"][()].reshape(-1).tolist()):
        yield fields.Field(
            key=f"{split}/{number:05d}",
            split=split,
            label=str(int(label)),
            columns={"name": f"row {number}", "files": str(files.FileRef(path))},
            read=functools.partial(_cell, rows, number),
        )


def _cell(rows: Callable[[int], npt.NDArray[Any]], number: int) -> npt.NDArray[Any]:
    from cytoimagenet_tfds.build import fields

    return fields.stack(list(rows(number)), "uint16", (SIDE, SIDE))


def _problem(file: Any) -> str:
    """Returns what is wrong with a file, '' where it is as expected."""
    lacking = [name for name in ("data", "labels") if name not in file]
    if lacking:
        return f"lacks {' and '.join(lacking)}; it has {', '.join(sorted(file))}."
    data, labels = file["data"], file["labels"]
    shape = (labels.size, len(CHANNELS), SIDE, SIDE)
    if data.shape != shape:
        return (
            f"has data of shape {data.shape} for {wording.counted(labels.size, 'label')}, expected "
            f"{shape}."
        )
    if data.dtype.name not in ("uint8", "uint16"):
        return f"has data of type {data.dtype}, expected uint16."
    values = set(labels[()].reshape(-1).tolist())
    if not values <= set(range(CLASSES)):
        return f"has the labels {sorted(values)[:9]}, expected 0 to {CLASSES - 1}."
    return ""
