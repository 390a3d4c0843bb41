"""`cytoimagenet compare`: what differs between two plans."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("first", help="plan, as `cytoimagenet plan` writes it")
    parser.add_argument("second", help="the other plan")


def run(args: argparse.Namespace) -> int:
    """Prints the fields of the configs and the rows that differ."""
    from cytoimagenet_tfds import curation

    first, second = curation.read_plan_file(args.first), curation.read_plan_file(args.second)
    if first.config and second.config:
        values = second.config.to_dict()
        for name, value in first.config.to_dict().items():
            if values[name] != value:
                print(f"config.{name}: {value} and {values[name]}")
    print(curation.compare(first.table, second.table))
    return 0
