"""From the files of the labelled CYCLoPs cells to two channels: the TIFF tree and the HDF5 files.

The class of a cell is the folder of its file, or its own row of the label table: never the place of
a folder in a list.
"""

from __future__ import annotations

import dataclasses
import functools
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


CLASSES = (
    "ACTIN", "BUDNECK", "BUDTIP", "CELLPERIPHERY", "CYTOPLASM", "ENDOSOME", "ER", "GOLGI",
    "MITOCHONDRIA", "NUCLEARPERIPHERY", "NUCLEI", "NUCLEOLUS", "PEROXISOME", "SPINDLE",
    "SPINDLEPOLE", "VACUOLARMEMBRANE", "VACUOLE",
)  # fmt: skip
JUNK = ("DEAD", "GHOST")  # no localization: dead cells and what is no cell
MERGED = {"SPINDLEPOLE": "SPINDLE"}
EXPECTED = 28_166  # cells of the 17 classes in the TIFF tree
CHANNELS = ("gfp", "rfp")
SIDE = 64  # pixels

_TIFF = r"(?:^|/)(?P<folder>[^/]+)/(?P<stem>[^/]+)_(?P<channel>gfp|rfp)\.tiff?$"
_FILES = {"train": "Chong_train_set.hdf5", "validation": "Chong_valid_set.hdf5",
          "test": "Chong_test_set.hdf5"}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Labels:
    """Which classes are kept, and how they are called.

    Attributes:
      merge_spindle: SPINDLE and SPINDLEPOLE are one class, as in the published evaluation.
      keep_junk: DEAD and GHOST are classes too.
    """

    merge_spindle: bool = False
    keep_junk: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The class names, sorted."""
        known = (*CLASSES, *JUNK) if self.keep_junk else CLASSES
        return tuple(sorted({self.name(folder) for folder in known}))

    def name(self, folder: str) -> str:
        """Returns the class of a folder or label."""
        return MERGED.get(folder, folder) if self.merge_spindle else folder


def read(
    root: str | os.PathLike[str], layout: Layout, labels: Labels, *, allow_differences: bool
) -> Content:
    """Reads names and labels.

    Args:
      root: folder with the tree or the three files.
      layout: which of them.
      labels: which classes are kept.
      allow_differences: True for trials with a part of the data: a class without a cell is noted,
        not refused.
    """
    from cytoimagenet_tfds.build import fields
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

    report, tree = Report(), Tree(root)
    found = list({"tiff": _tiff, "hdf5": _hdf5}[layout](tree, report))
    strange = sorted({field.label for field in found} - {*CLASSES, *JUNK})
    if strange:
        report.fatal(
            f"{wording.counted(len(strange), 'name is no class', 'names are no classes')}.", strange
        )
    kept, excluded = _kept(found, labels)
    if layout == "tiff" and not labels.keep_junk and len(kept) != EXPECTED:
        report.note(
            "count", f"{wording.counted(len(kept), 'cell')}; the tree on Kaggle has {EXPECTED:,}."
        )
    absent = sorted(set(labels.names) - {field.label for field in kept})
    if absent:
        add = functools.partial(report.note, "missing class") if allow_differences else report.fatal
        add(f"{len(absent)} of {len(labels.names)} classes have no cell: {', '.join(absent)}.")
    return fields.Content(
        fields=tuple(kept), classes=labels.names, report=report, excluded=excluded
    )


def _kept(found: list[Field], labels: Labels) -> tuple[list[Field], dict[str, int]]:
    junk = () if labels.keep_junk else JUNK
    excluded = {name: sum(field.label == name for field in found) for name in junk}
    kept = [dataclasses.replace(field, label=labels.name(field.label))
            for field in found if field.label not in junk]  # fmt: skip
    return kept, {name: count for name, count in excluded.items() if count}


def _tiff(tree: Tree, report: Report) -> Iterator[Field]:
    from cytoimagenet_tfds.build import fields

    files = tree.match(_TIFF, report)
    if files.empty:
        return
    files["folder"] = files["folder"].str.upper()
    files["channel"] = files["channel"].str.lower()
    files["key"] = files["folder"] + "/" + files["stem"]
    other = files["stem"].str.partition("_")[0].str.upper() != files["folder"]
    if other.any():
        report.note(
            "name", f"{wording.counted(int(other.sum()), 'file')} called as another class than the "
            "folder; "
            "the folder counts.", files.loc[other, "path"].tolist(),
        )  # fmt: skip
    for line in fields.pair(files, CHANNELS, report).to_dict("records"):
        paths = {channel: line[channel] for channel in CHANNELS}
        yield fields.Field(
            key=line["key"],
            split="train",
            label=line["folder"],
            columns={
                "localization": line["folder"], "name": line["stem"],
                "files": fields.references(tree, paths),
            },
            read=fields.reader(tree, paths, "float32", (SIDE, SIDE)),
        )  # fmt: skip


def _hdf5(tree: Tree, report: Report) -> Iterator[Field]:
    for split, name in _FILES.items():
        path = tree.find(name)
        if path is None:
            report.fatal(f"There is no file {name}.", tree.files)
        else:
            yield from _rows(tree, path, split, report)


def _rows(tree: Tree, path: str, split: str, report: Report) -> Iterator[Field]:
    from cytoimagenet_tfds import files
    from cytoimagenet_tfds.build import fields, hdf5

    file = hdf5.open_checked(tree, path, _problem, report)
    if file is None:
        return
    data = file["data1"]
    if data.dtype.name == "float64":
        report.note("precision", f"{path} holds float64, rounded to float32 as in the TIFF tree.")
    names = _names(file)
    rows = hdf5.Rows(data, path)
    for number, place in enumerate(file["Index1"][()].argmax(axis=1).tolist()):
        yield fields.Field(
            key=f"{path.rsplit('/', 1)[-1].rsplit('.', 1)[0]}/{number:05d}",
            split=split,
            label=names[place],
            columns={
                "localization": names[place], "name": f"row {number}",
                "files": str(files.FileRef(path)),
            },
            read=functools.partial(_cell, rows, number),
        )  # fmt: skip


def _cell(rows: Callable[[int], npt.NDArray[Any]], number: int) -> npt.NDArray[Any]:
    from cytoimagenet_tfds.build import fields

    planes = rows(number).reshape(len(CHANNELS), SIDE, SIDE).astype("float32")
    return fields.stack(list(planes), "float32", (SIDE, SIDE))


def _names(file: Any) -> list[str]:
    from cytoimagenet_tfds.build import hdf5

    columns = [name for name in ("Index1_columns", "label_names") if name in file]
    return [name.upper() for name in hdf5.texts(file[columns[0]])] if columns else []


def _problem(file: Any) -> str:
    """Returns what is wrong with a file, '' where it is as expected."""
    lacking = [name for name in ("data1", "Index1") if name not in file]
    if lacking:
        return f"lacks {' and '.join(lacking)}; it has {', '.join(sorted(file))}."
    data, index, names = file["data1"], file["Index1"], _names(file)
    pixels = len(CHANNELS) * SIDE * SIDE
    if data.ndim != 2 or data.shape[1] != pixels or data.dtype.kind not in "fu":
        return f"has data1 {data.dtype} {data.shape}, expected numbers of shape (N, {pixels})."
    if index.shape != (len(data), len(names)):
        return (
            f"has Index1 {index.shape} for {wording.counted(len(data), 'cell')} and "
            f"{wording.counted(len(names), 'class name')}."
        )
    marks = index[()]
    if not ((marks == 0) | (marks == 1)).all() or not (marks.sum(axis=1) == 1).all():
        return "has lines of Index1 that do not mark exactly one class."
    return ""
