"""Bounding boxes of cells, from JSON lists of images with objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_COLUMNS = ("name", "region", "category", "batch", "site")


class _Findings:
    """What was wrong with boxes, by kind, to be reported once each."""

    def __init__(self) -> None:
        self.unreadable: list[str] = []
        self.clipped: list[str] = []
        self.empty: list[str] = []

    def add_to(self, report: Report) -> None:
        """Writes one finding for each kind that occurred."""
        for kind, what, examples in (
            ("unreadable box", "entries lack a name, a box or a category", self.unreadable),
            ("clipped box", "boxes reach over the edge of their image: clipped", self.clipped),
            ("degenerate box", "boxes have no area inside their image: left out", self.empty),
        ):  # fmt: skip
            if examples:
                report.note(kind, f"{len(examples):,} {what}.", examples)


def read(tree: Tree, tables: Mapping[str, str], report: Report) -> pd.DataFrame:
    """Returns one line per box of all tables.

    Args:
      tree: the source's files.
      tables: batch -> name of its JSON file; a fatal finding where none of them is there.
      report: gets absent and broken tables, and boxes that were clipped or have no area.

    Returns:
      `name` (stem of the image file, lower case), `region` ('y_min,y_max,x_min,x_max', upper
      bounds excluded), `category` (lower case), `batch`, and `site`: the number of the box in its
      image from 1, boxes without area counted too.
    """
    import pandas as pd

    findings = _Findings()
    lines: list[tuple[str, str, str, str, str]] = []
    absent: list[str] = []
    for batch, file in tables.items():
        path = tree.find(file)
        if path is None:
            absent.append(file)
            continue
        for image in _images(tree.read_bytes(path), path, report):
            lines += [(*box[:3], batch, box[3]) for box in _boxes(image, path, findings)]
    if len(absent) == len(tables):
        report.fatal(f"None of the tables of boxes is there: {', '.join(absent)}.", tree.files)
    elif absent:
        report.note("missing table", f"The boxes of {', '.join(absent)} are not there.")
    findings.add_to(report)
    return pd.DataFrame(lines, columns=list(_COLUMNS), dtype="str")


def _images(content: bytes, path: str, report: Report) -> list[Any]:
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        report.fatal(f"{path} is no JSON file: {error}.")
        return []
    if not isinstance(entries, list):
        report.fatal(f"{path} holds a {type(entries).__name__}, expected a list of images.")
        return []
    return entries


def _boxes(
    entry: Any, path: str, findings: _Findings
) -> Iterator[tuple[str, str, str, str]]:  # fmt: skip
    """Yields name, region, category and number of the boxes of one image."""
    try:
        image = entry["image"]
        name = image["pathname"].rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
        objects = list(entry["objects"])
        shape = image.get("shape") or {}
        height, width = shape.get("r"), shape.get("c")
    except (KeyError, TypeError, AttributeError):
        findings.unreadable.append(f"{path}: {str(entry)[:60]}")
        return
    for number, item in enumerate(objects, 1):
        where = f"{name} box {number}"
        try:
            corners = item["bounding_box"]
            low, high = corners["minimum"], corners["maximum"]
            box = (int(low["r"]), int(high["r"]), int(low["c"]), int(high["c"]))
            category = str(item["category"]).strip().lower()
        except (KeyError, TypeError, ValueError):
            findings.unreadable.append(where)
            continue
        region = _clip(box, height, width)
        if region[0] >= region[1] or region[2] >= region[3]:
            findings.empty.append(where)
            continue
        if region != box:
            findings.clipped.append(where)
        yield name, ",".join(map(str, region)), category, str(number)


def _clip(
    box: tuple[int, int, int, int], height: int | None, width: int | None
) -> tuple[int, int, int, int]:
    """Returns the part of a box inside its image; sides that are not known do not cut."""
    top, bottom, left, right = box
    bottom = bottom if height is None else min(bottom, height)
    right = right if width is None else min(right, width)
    return max(top, 0), bottom, max(left, 0), right
