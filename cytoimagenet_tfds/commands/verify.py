"""`cytoimagenet verify`: reads a prepared dataset again and compares it with its build report."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", help="dataset as in tfds.load, or the folder of its shards")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")


def run(args: argparse.Namespace) -> int:
    """Prints counts and problems; the status is 1 where there are problems."""
    from cytoimagenet_tfds import prepared
    from cytoimagenet_tfds.build import verify

    builder = prepared.find_builder(args.name, args.data_dir)
    result = verify.verify(builder, show_progress=True)
    print(result.text())
    return 1 if result.problems else 0
