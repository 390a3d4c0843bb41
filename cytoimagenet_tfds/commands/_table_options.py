"""Options of `cytoimagenet evaluate` for a table of measurements in place of images."""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    group = parser.add_argument_group("tables of measurements (CellProfiler and others), bbbc021")
    text = (
        "CSV (.gz too) or Parquet, a row per well, site or cell: evaluated beside --weights, or "
        "alone and then without images"
    )
    group.add_argument("--table", type=Path, help=text)
    text = (
        "tables that say what the wells hold, joined by what they share: BBBC021_v1_image.csv, "
        "BBBC021_v1_moa.csv ...; without them the table itself or the prepared dataset says it"
    )
    group.add_argument("--annotations", nargs="+", type=Path, default=[], help=text)
    text = (
        "role=column where names are not understood: plate, well, compound, concentration, moa, "
        "batch, control, site, table, image, object"
    )
    group.add_argument("--columns", nargs="+", default=[], metavar="ROLE=COLUMN", help=text)
    text = (
        "regular expression of the feature columns; otherwise Cells_, Cytoplasm_ and Nuclei_, or "
        "all numbers that are no metadata"
    )
    group.add_argument("--feature-columns", default="", metavar="PATTERN", help=text)
    text = "what a row is: auto, well, site or cell; the rows of a well are averaged"
    group.add_argument("--level", default="auto", help=text)
    text = "NaN or infinity: error, or leave out the features or the rows that have some"
    group.add_argument("--missing", default="error", help=text)
    group.add_argument("--control", default="DMSO", help="negative control among the compounds")
    text = "leave out wells or compounds that only one of the tables has, instead of an error"
    group.add_argument("--partial", action="store_true", help=text)


def options(args: argparse.Namespace) -> Any:
    """Returns the options as `wells.Options`."""
    from cytoimagenet_tfds.evaluation import wells

    return wells.Options(
        table=args.table, annotations=tuple(args.annotations), columns=_columns(args.columns),
        features=args.feature_columns, level=args.level, missing=args.missing,
        control=args.control, partial=args.partial,
    )  # fmt: skip


def read(args: argparse.Namespace, dataset: Callable[[], Any], *, beside: bool) -> dict[str, Any]:
    """Returns name -> table of measurements, nothing where none is given."""
    if args.table is None:
        return {}
    from cytoimagenet_tfds.evaluation import runs, wells

    plain = re.sub(r"(\.(csv|tsv|txt|parquet|gz))+$", "", args.table.name)
    name = args.table.name if plain in args.weights or plain in runs.BASELINES else plain
    return {name: wells.read(options(args), dataset, beside=beside)}


def described(args: argparse.Namespace) -> dict[str, Any]:
    """Returns the options as JSON, nothing where no table is given."""
    if args.table is None:
        return {}
    values: Mapping[str, Any] = dataclasses.asdict(options(args))
    return {
        name: str(value) if isinstance(value, Path) else
        [str(path) for path in value] if isinstance(value, tuple) else value
        for name, value in values.items()
    }  # fmt: skip


def _columns(given: list[str]) -> dict[str, str]:
    problems = errors.Problems()
    for text in given:
        if "=" not in text:
            problems.add(f"{text!r} is not ROLE=COLUMN, such as plate=Metadata_Plate.")
    problems.raise_if_any(errors.ConfigError, "--columns is not right:")
    return {text.partition("=")[0]: text.partition("=")[2] for text in given}
