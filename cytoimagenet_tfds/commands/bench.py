"""`cytoimagenet bench`: measures one part of the package on this machine."""

from __future__ import annotations

import argparse
import importlib
import pkgutil

from cytoimagenet_tfds import bench, errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", help=f"what to measure: {', '.join(_names())}")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="its options; try --help")


def run(args: argparse.Namespace) -> int:
    """Runs the benchmark of that name with its own options."""
    if args.name not in _names():
        raise errors.ConfigError(errors.unknown_name("benchmark", args.name, _names()))
    module = importlib.import_module(f"{bench.__name__}.{args.name}")
    text = (module.__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog=f"cytoimagenet bench {args.name}", description=text)
    module.add_arguments(parser)
    status: int = module.run(parser.parse_args(args.options))
    return status


def _names() -> list[str]:
    found = pkgutil.iter_modules(bench.__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))
