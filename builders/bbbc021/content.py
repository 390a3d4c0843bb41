"""From the tables and plate folders of BBBC021 to fields of three channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cytoimagenet_tfds.builders.bbbc021 import tables

if TYPE_CHECKING:
    import os

    import pandas as pd

    from cytoimagenet_tfds.build.fields import Content, Field
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

Wells = Literal["annotated", "with_taxol_controls", "all_wells"]

_FACTS = [
    "moa", "compound", "concentration", "smiles", "control", "plate", "week", "well", "site",
    "replicate",
]  # fmt: skip


def read(root: str | os.PathLike[str], wells: Wells, plates: Sequence[str]) -> Content:
    """Reads the tables and lists the images of some wells and plates.

    Args:
      root: folder with the tables and the plate folders, or their zip files.
      wells: `annotated` for wells of known mechanism and DMSO without the taxol control wells,
        `with_taxol_controls` for those too, `all_wells` for every well.
      plates: plates to read.
    """
    from cytoimagenet_tfds.build import fields
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

    report, tree = Report(), Tree(root)
    sites = tables.read(tree, report)
    if sites is None:
        return fields.Content(report=report)
    sites = sites[sites["plate"].isin(set(plates))]
    excluded = {}
    for reason, rows in _left_out(sites, wells).items():
        excluded[reason] = int(rows.sum())
        sites = sites[~rows.reindex(sites.index)]
    located = _locate(tree, sites, plates, report)
    return fields.Content(
        fields=tuple(_field(tree, line, paths) for line, paths in located),
        classes=tables.MECHANISMS,
        report=report,
        excluded={reason: count for reason, count in excluded.items() if count},
    )


def _left_out(sites: pd.DataFrame, wells: Wells) -> dict[str, pd.Series]:
    """Returns reason -> [N] bool; no line has two reasons."""
    unknown, taxol = sites["moa"] == "", sites["control"] == "positive"
    reasons = {"no known mechanism": unknown, "taxol control well": taxol}
    kept = {"annotated": 0, "with_taxol_controls": 1, "all_wells": 2}[wells]
    return dict(list(reasons.items())[: 2 - kept])


def _locate(
    tree: Tree, sites: pd.DataFrame, plates: Sequence[str], report: Report
) -> list[tuple[Mapping[Any, Any], dict[str, str]]]:
    """Returns each line with the path of each channel, '' where the file is not there."""
    there: dict[tuple[str, str], str] = {}
    for path in reversed(tree.image_files((".tif", ".tiff"))):
        *folders, name = path.lower().split("/")
        there[folders[-1] if folders else "", name] = path
    folders_there = {folder for folder, _ in there}
    absent = [plate for plate in plates if plate.lower() not in folders_there]
    if absent:
        report.fatal(
            f"{len(absent)} of {len(plates)} plates have no folder: {', '.join(absent)}. Get "
            "BBBC021_v1_images_<plate>.zip of each, or name the plates you have: "
            '--config=\'{"plates": ["Week1_22123", ...]}\''
        )
    result: list[tuple[Mapping[Any, Any], dict[str, str]]] = []
    for line in sites.to_dict("records"):
        folder = line["plate"].lower()
        names = {channel: str(line[channel]).lower() for channel in tables.CHANNELS}
        result.append((line, {c: there.get((folder, name), "") for c, name in names.items()}))
    return result


def _field(tree: Tree, line: Mapping[Any, Any], paths: dict[str, str]) -> Field:
    from cytoimagenet_tfds.build import fields

    return fields.Field(
        key=str(line["key"]),
        split="train",
        label=str(line["moa"]),
        columns={**{n: line[n] for n in _FACTS}, "files": fields.references(tree, paths)},
        read=fields.reader(tree, paths, "uint16"),
    )
