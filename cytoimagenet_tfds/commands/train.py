"""`cytoimagenet train`: trains a model by a recipe, or goes on with a training that was stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    from cytoimagenet_tfds.training.recipe import Recipe

_INTERRUPTED = 130  # what shells report of a program that Ctrl-C ended


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    from cytoimagenet_tfds.training import recipes

    parser.add_argument("recipe", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument("--data", default="cytoimagenet", help="dataset as in tfds.load")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")
    parser.add_argument("--out", type=Path, help="folder of the run; the same one again goes on")
    text = "another value of the recipe, for example epochs=3 or augmentation.rotation=90"
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
                        help=text)  # fmt: skip
    text = "only these classes: toy_20, toy_50, or a file with one label a line"
    parser.add_argument("--labels", help=text)
    parser.add_argument("--devices", nargs="+", default=[], help="for example GPU:0 GPU:1; default "
                        "all GPUs")  # fmt: skip
    parser.add_argument("--tensorboard", action="store_true", help="also write TensorBoard events")
    text = "show shapes, classes, steps and memory; train nothing, write nothing"
    parser.add_argument("--dry_run", action="store_true", help=text)
    parser.add_argument("--show", action="store_true", help="print the recipe and stop")


def run(args: argparse.Namespace) -> int:
    """Trains, and writes what `afterwards` makes of the result; prints the scores."""
    from cytoimagenet_tfds.training import backend, recipes

    recipe = _recipe(args)
    if args.show:
        print(recipes.text(args.recipe))
        for name, value in recipe.to_dict().items():
            print(f"{name} = {value!r}")
        return 0
    backend.check()
    if args.dry_run:
        from cytoimagenet_tfds.training import dryrun

        print(dryrun.describe(recipe, args.data, args.data_dir, args.out))
        return 0
    if args.out is None:
        raise errors.ConfigError("--out is missing: the folder of the run.")
    try:
        return _train(recipe, args)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on after the last whole epoch.", file=sys.stderr)
        return _INTERRUPTED


def _train(recipe: Recipe, args: argparse.Namespace) -> int:
    from cytoimagenet_tfds.training import afterwards
    from cytoimagenet_tfds.training import run as running

    done = running.run(
        recipe, args.data, args.data_dir, args.out, devices=args.devices,
        tensorboard=args.tensorboard, verbose=1 if sys.stderr.isatty() else 2,
    )  # fmt: skip
    for name, value in afterwards.write(done).items():
        print(f"{name}: {value}")
    print(f"-> {args.out}")
    return 0


def _recipe(args: argparse.Namespace) -> Recipe:
    import dataclasses

    from cytoimagenet_tfds.training import recipes

    problems = errors.Problems()
    values = dict(text.partition("=")[::2] for text in args.set)
    for text in args.set:
        if "=" not in text:
            problems.add(f"--set {text}: expected NAME=VALUE.")
    problems.raise_if_any(errors.ConfigError, "These values cannot be set:")
    recipe = recipes.get(args.recipe).changed(values)
    return dataclasses.replace(recipe, labels=_labels(args.labels)) if args.labels else recipe


def _labels(text: str) -> tuple[str, ...]:
    path = Path(text)
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    from cytoimagenet_tfds.curation import subsets

    return subsets.labels(text)
