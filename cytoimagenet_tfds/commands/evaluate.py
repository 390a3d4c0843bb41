"""`cytoimagenet evaluate`: how well features transfer to the benchmarks."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    text = "bbbc021, coos7, cyclops, each also with a config (cyclops/hdf5)"
    parser.add_argument("benchmarks", nargs="*", help=text)
    text = (
        "as in `cytoimagenet features`, or a table of features (.parquet); a+b for a fusion. "
        "random is the mean of three seeds"
    )
    parser.add_argument("--weights", nargs="+", default=[], help=text)
    parser.add_argument("--out", help="folder for the report; features in it are not taken again")
    parser.add_argument("--protocol", default="default", help="default or paper")
    parser.add_argument("--method", default="concat-norm", help="as in `cytoimagenet features`")
    parser.add_argument(
        "--size", type=int, help="side in pixels to resize to; as it is if not given"
    )
    parser.add_argument("--model", default="EfficientNetB0", help="class of keras.applications")
    parser.add_argument("--batch", type=int, default=32, help="planes at a time")
    parser.add_argument("--linear", action="store_true", help="also a linear probe on coos7")
    text = "leave out what stands beside every model: pixel statistics and random weights"
    parser.add_argument("--no-baselines", action="store_true", help=text)
    parser.add_argument("--data_dir", help="folder of prepared datasets, as in tfds.load")
    text = "instead of evaluating, join the reports of these folders"
    parser.add_argument("--compare", nargs="+", type=Path, default=[], help=text)


def run(args: argparse.Namespace) -> int:
    """Evaluates and writes the report, or joins reports; prints the table."""
    from cytoimagenet_tfds.evaluation import planes, report, runs

    if args.compare:
        print(report.joined(args.compare), end="")
        return 0
    builders = _builders(args)
    baselines = () if args.no_baselines else runs.BASELINES
    settings = runs.Settings(
        weights=tuple(dict.fromkeys([*baselines, *args.weights])),
        method=planes.named(args.method), protocol=args.protocol, size=args.size,
        model=args.model, batch=args.batch, linear=args.linear,
    )  # fmt: skip
    found = runs.evaluate(builders, settings, Path(args.out))
    values = dataclasses.asdict(settings) | {
        "method": args.method, "weights": list(settings.weights),
        "datasets": [builder.info.full_name for builder in builders.values()],
    }  # fmt: skip
    print(report.write(found, Path(args.out), values), end="")
    for what, seconds in found.seconds.items():
        print(f"{seconds:9.1f} s  {what}", file=sys.stderr)
    return 0


def _builders(args: argparse.Namespace) -> dict[str, Any]:
    from cytoimagenet_tfds.evaluation import inputs, tasks

    problems = errors.Problems()
    if not args.benchmarks:
        problems.add(f"Name a benchmark: {', '.join(tasks.TASKS)}.")
    if not args.out:
        problems.add("Say where the report goes: --out FOLDER.")
    if args.no_baselines and not args.weights:
        problems.add("Say which features: --weights NAME ...")
    names = {name: name.partition("/")[0] for name in args.benchmarks}
    for name, benchmark in names.items():
        if benchmark not in tasks.TASKS:
            problems.add(errors.unknown_name("benchmark", name, tasks.TASKS))
    if len(set(names.values())) < len(names):
        problems.add(f"Name each benchmark once, found {', '.join(args.benchmarks)}.")
    problems.raise_if_any(errors.ConfigError, "Nothing can be evaluated:")
    return {benchmark: inputs.builder(name, args.data_dir) for name, benchmark in names.items()}
