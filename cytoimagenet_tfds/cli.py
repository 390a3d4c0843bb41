"""The `cytoimagenet` command: imports a command's module when that command runs."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.version import __version__

# Command -> (module, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "sources": ("cytoimagenet_tfds.commands.sources", "list the 40 sources and what lies here"),
    "build": ("cytoimagenet_tfds.commands.build", "build a dataset"),
    "evaluate": ("cytoimagenet_tfds.commands.evaluate", "how well features transfer to benchmarks"),
    "features": ("cytoimagenet_tfds.commands.features", "features of images, as a table"),
    "fetch": ("cytoimagenet_tfds.commands.fetch", "get the raw data of a source"),
    "table": ("cytoimagenet_tfds.commands.table", "write the row table of a source folder"),
    "verify": (
        "cytoimagenet_tfds.commands.verify",
        "read a dataset again, compare with its report",
    ),
    "bench": (
        "cytoimagenet_tfds.commands.bench",
        "measure one part of the package on this machine",
    ),
    "compare": ("cytoimagenet_tfds.commands.compare", "what differs between two plans or datasets"),
    "figures": (
        "cytoimagenet_tfds.commands.figures",
        "draw a dataset, a training, features",
    ),
    "plan": ("cytoimagenet_tfds.commands.plan", "make the plan of a dataset from row tables"),
    "report": (
        "cytoimagenet_tfds.commands.report",
        "write the data card and the metadata of a dataset",
    ),
    "export": (
        "cytoimagenet_tfds.commands.export",
        "write images and labels for FiftyOne or Hugging Face",
    ),
    "train": ("cytoimagenet_tfds.commands.train", "train a model by a recipe"),
    "hpa": ("cytoimagenet_tfds.commands.hpa", "figures and checks of the protein atlas task"),
    "vocabulary": (
        "cytoimagenet_tfds.commands.vocabulary",
        "what the vocabulary does to row tables, and what it leaves open",
    ),
}


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(["usage: cytoimagenet COMMAND [options]", "", *lines, "",
                      "cytoimagenet COMMAND --help tells more."])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status: 0 done, 1 it failed, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if words else 2
    if words[0] == "--version":
        print(__version__)
        return 0
    name, *rest = words
    if name not in COMMANDS:
        print(errors.unknown_name("command", name, COMMANDS), file=sys.stderr)
        return 2
    from cytoimagenet_tfds.build import quiet

    quiet.hush_command()
    module_name, text = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"cytoimagenet {name}", description=text)
    module.add_arguments(parser)
    try:
        status: int = module.run(parser.parse_args(rest))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough, as in `cytoimagenet sources | head`; the interpreter
        # would complain once more when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except errors.CytoImageNetError as error:
        print(f"cytoimagenet {name}: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
