"""`cytoimagenet verify`: reads a prepared dataset again and compares it with its build report."""

from __future__ import annotations

import argparse

from cytoimagenet_tfds import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", help="dataset as in tfds.load, for example cytoimagenet/sample")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")


def run(args: argparse.Namespace) -> int:
    """Prints counts and problems; the status is 1 where there are problems."""
    import tensorflow_datasets as tfds

    from cytoimagenet_tfds.build import verify

    where = args.data_dir or "the default folder of TFDS"
    try:
        builder = tfds.builder(args.name, data_dir=args.data_dir)
    except ValueError as error:
        raise errors.BuildError(f"{args.name} cannot be read from {where}: {error}") from error
    if not builder.is_prepared():
        raise errors.BuildError(f"{args.name} is not prepared in {where}.")
    result = verify.verify(builder)
    print(result.text())
    return 1 if result.problems else 0
