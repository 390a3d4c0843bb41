"""`cytoimagenet compare`: what differs between two plans, or between two prepared datasets."""

from __future__ import annotations

import argparse
from pathlib import Path

from cytoimagenet_tfds import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    text = "a plan file, a dataset as in tfds.load, or the folder of a prepared one"
    parser.add_argument("first", help=text)
    parser.add_argument("second", help="the other one, of the same kind")
    parser.add_argument("--data_dir", help="folder of the datasets, as in tfds.load")
    parser.add_argument("--second_data_dir", help="the same of the second, where it is another")


def run(args: argparse.Namespace) -> int:
    """Prints what differs; for datasets the status is 1 where anything does."""
    plans = [_is_plan(path) for path in (args.first, args.second)]
    if all(plans):
        return _compare_plans(args.first, args.second)
    if any(plans):
        raise errors.ConfigError(
            f"{args.first} and {args.second}: one is a plan, the other is not. Compare two plans, "
            "or two datasets."
        )
    from cytoimagenet_tfds import prepared
    from cytoimagenet_tfds.build import comparing

    second_dir = args.second_data_dir or args.data_dir
    first = prepared.find_builder(args.first, args.data_dir)
    difference = comparing.compare(first, prepared.find_builder(args.second, second_dir))
    print(difference)
    return 0 if difference.equal else 1


def _is_plan(path: str) -> bool:
    return path.endswith(".parquet") or Path(path).is_file()


def _compare_plans(first_path: str, second_path: str) -> int:
    from cytoimagenet_tfds import curation

    first, second = curation.read_plan_file(first_path), curation.read_plan_file(second_path)
    if first.config and second.config:
        values = second.config.to_dict()
        for name, value in first.config.to_dict().items():
            if values[name] != value:
                print(f"config.{name}: {value} and {values[name]}")
    print(curation.compare(first.table, second.table))
    return 0
