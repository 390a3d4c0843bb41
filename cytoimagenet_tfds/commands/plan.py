"""`cytoimagenet plan`: from row tables to a plan that a build takes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.curation import CurationConfig

if TYPE_CHECKING:
    import pandas as pd


# Option -> what it is for.
_TEXTS = {
    "--out": "Parquet file to write the plan to",
    "--config": "CurationConfig as JSON text or a JSON file",
    "--list": "keep the labels of a list: toy_20, toy_50, unseen_20",
    "--distances": "CSV of class distances, columns label and between: keep distant classes",
    "--supplement": "a plan made before: take out --rejected and fill its classes",
    "--rejected": "Parquet or CSV file whose column `key` names the rows that cannot be used",
    "--check": "a plan made or edited before: check that a build can use it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("tables", nargs="*", help="row tables as `cytoimagenet table` writes them")
    for option, text in _TEXTS.items():
        parser.add_argument(option, help=text)
    text = "a field of the config, its value as JSON or text; may be repeated"
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=text)
    text = "with --distances: how far a class is from all others, 0.8 by default"
    parser.add_argument("--min_distance", type=float, default=0.8, help=text)


def run(args: argparse.Namespace) -> int:
    """Makes a plan, or checks one, and prints its summary."""
    from cytoimagenet_tfds import curation

    if args.check:
        return _check(args.check)
    if not args.tables or not args.out:
        raise errors.ConfigError("Name the row tables and, with --out, the file to write.")
    config = _config(args)
    rows = read_rows(args.tables)
    if args.supplement:
        before = curation.read_plan(args.supplement)
        table, summary = curation.supplement(rows, before, _keys(args.rejected), config)
    else:
        table, summary = curation.plan_with_summary(rows, config)
    curation.write_plan(args.out, table, config, summary)
    print(summary)
    print(f"{wording.counted(len(table), 'row')} -> {args.out}")
    return 0


def read_rows(paths: Sequence[str]) -> pd.DataFrame:
    """Returns the row tables of several files as one table."""
    import pandas as pd

    from cytoimagenet_tfds import tables

    return pd.concat([tables.read(path, "rows") for path in paths], ignore_index=True)


def _config(args: argparse.Namespace) -> CurationConfig:
    values: dict[str, Any] = {}
    if args.config:
        text = args.config if args.config.lstrip().startswith("{") else _read(args.config)
        values = CurationConfig.from_json(text).to_dict()
    elif args.supplement:
        from cytoimagenet_tfds import curation

        before = curation.read_plan_file(args.supplement).config
        values = before.to_dict() if before else {}
    for setting in args.set:
        name, equals, value = setting.partition("=")
        if not equals:
            raise errors.ConfigError(f"--set {setting!r} is not of the form FIELD=VALUE.")
        values[name] = _value(value)
    if args.list or args.distances:
        values["labels"] = _labels(args)
    return CurationConfig.from_dict(values)


def _labels(args: argparse.Namespace) -> list[str]:
    from cytoimagenet_tfds.curation import subsets

    if not args.distances:
        return list(subsets.labels(args.list))
    import pandas as pd

    far = subsets.distant(pd.read_csv(args.distances), args.min_distance)
    return [label for label in far if not args.list or label in subsets.labels(args.list)]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _read(path: str) -> str:
    from etils import epath

    try:
        text: str = epath.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise errors.ConfigError(f"The config {path} cannot be read: {error.strerror}.") from error
    return text


def _keys(path: str | None) -> set[str]:
    if not path:
        return set()
    import pandas as pd

    table = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path, dtype="str")
    if "key" not in table:
        raise errors.TableError(f"{path} has no column 'key'; it has {', '.join(table.columns)}.")
    return set(table["key"])


def _check(path: str) -> int:
    from cytoimagenet_tfds import curation

    found = curation.read_plan_file(path)
    if found.summary is not None:
        print(found.summary)
    if found.edited:
        print("The plan was edited since; the summary above is that of the plan as it was made.")
    classes = found.table["label"].nunique()
    print(
        f"{path} is a plan a build can use: {wording.counted(len(found.table), 'row')}, "
        f"{wording.counted(classes, 'class', 'classes')}."
    )
    return 0
