"""The `cytoimagenet` command: imports a command's module when that command runs."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.version import __version__

# What for -> command -> one line of help; `commands/<command>.py` has it.
_GROUPS: dict[str, dict[str, str]] = {
    "Raw data": {
        "sources": "list the 40 sources and what lies here",
        "fetch": "get the raw data of a source",
        "table": "write the row table of a source folder",
    },
    "A dataset": {
        "build": "build a dataset",
        "plan": "make the plan of a dataset from row tables",
        "vocabulary": "what the vocabulary does to row tables, and what it leaves open",
        "verify": "read a dataset again, compare with its report",
        "compare": "what differs between two plans or datasets",
    },
    "Look at it, share it": {
        "report": "write the data card and the metadata of a dataset",
        "figures": "draw a dataset, a training, features",
        "export": "write images and labels for FiftyOne or Hugging Face",
    },
    "Use it": {
        "train": "train a model by a recipe",
        "features": "features of images, as a table",
        "evaluate": "how well features transfer to benchmarks",
        "hpa": "figures and checks of the protein atlas task",
        "bench": "measure one part of the package on this machine",
    },
}
# Command -> (module, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    name: (f"cytoimagenet_tfds.commands.{name}", text)
    for group in _GROUPS.values()
    for name, text in group.items()
}


class Help(argparse.HelpFormatter):
    """Help that tells the default of an option, where there is one and the text does not."""

    def _get_help_string(self, action: argparse.Action) -> str:
        text, default = action.help or "", action.default
        if default is None or default is False or default in ("", [], {}, argparse.SUPPRESS):
            return text
        if "default" in text or text.endswith(")"):
            return text
        shown = " ".join(map(str, default)) if isinstance(default, list) else default
        return f"{text} (default: {str(shown).replace('%', '%%')})"


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = ["usage: cytoimagenet COMMAND [options]"]
    for title, group in _GROUPS.items():
        lines += ["", f"{title}:", *(f"  {name:<{width}}  {text}" for name, text in group.items())]
    return "\n".join([*lines, "", "cytoimagenet COMMAND --help tells more."])


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
    parser = argparse.ArgumentParser(
        prog=f"cytoimagenet {name}", description=f"{text[0].upper()}{text[1:]}.",
        formatter_class=Help,
    )  # fmt: skip
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
