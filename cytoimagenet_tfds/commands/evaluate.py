"""`cytoimagenet evaluate`: how well features transfer to the benchmarks."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.commands import _table_options


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
    text = (
        "scaled, sphering, tvn, range, zscore, robust or none; all but scaled and none measure the "
        "DMSO wells of bbbc021. Otherwise that of the protocol"
    )
    parser.add_argument("--normalization", default="", help=text)
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
    parser.add_argument("--no-plots", action="store_true", help="leave out the plots")
    text = "instead of evaluating, join the reports of these folders and test them in pairs"
    parser.add_argument("--compare", nargs="+", type=Path, default=[], help=text)
    _table_options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluates and writes the report, or joins reports; prints the table."""
    from cytoimagenet_tfds.evaluation import comparing, planes, report, runs

    if args.compare:
        print(comparing.joined(args.compare), end="")
        return 0
    names = _names(args)
    baselines = () if args.no_baselines else runs.BASELINES
    weights = tuple(dict.fromkeys([*baselines, *args.weights])) if _with_images(args) else ()
    settings = runs.Settings(
        weights=weights, method=planes.named(args.method), protocol=args.protocol, size=args.size,
        model=args.model, batch=args.batch, linear=args.linear, normalization=args.normalization,
    )  # fmt: skip
    normalized = runs.check(settings, names)
    builders, known = _datasets(args, names)
    measured = _table_options.read(
        args, lambda: known.get("bbbc021") or _facts(args, names), beside=bool(builders)
    )
    found = runs.evaluate(builders, settings, Path(args.out), measured, known)
    values = _described(args, settings, normalized, builders)
    text = report.write(found, Path(args.out), values, plots=not args.no_plots)
    print(text, end="")
    for what, seconds in found.seconds.items():
        print(f"{seconds:9.1f} s  {what}", file=sys.stderr)
    return 0


def _described(
    args: argparse.Namespace, settings: Any, normalized: dict[str, str], builders: dict[str, Any]
) -> dict[str, Any]:
    """Returns what the report says of its making; of images only where there are any."""
    ways = {"protocol": settings.protocol, "method": args.method, "normalization": normalized}
    if not builders:
        return ways | {"method": "table", "table": _table_options.described(args)}
    datasets = [builder.info.full_name for builder in builders.values()]
    return dataclasses.asdict(settings) | ways | {
        "weights": list(settings.weights), "datasets": datasets,
        "table": _table_options.described(args),
    }  # fmt: skip


def _with_images(args: argparse.Namespace) -> bool:
    """Whether features of images are evaluated, not a table of measurements alone."""
    return bool(args.weights) or args.table is None


def _names(args: argparse.Namespace) -> dict[str, str]:
    """Returns benchmark -> name as given; raises ConfigError with all that is wrong."""
    from cytoimagenet_tfds.evaluation import tasks

    problems = errors.Problems()
    if not args.benchmarks:
        problems.add(f"Name a benchmark: {', '.join(tasks.TASKS)}.")
    if not args.out:
        problems.add("Say where the report goes: --out FOLDER.")
    if args.no_baselines and not args.weights and args.table is None:
        problems.add("Say which features: --weights NAME ...")
    names = {name: name.partition("/")[0] for name in args.benchmarks}
    for name, benchmark in names.items():
        if benchmark not in tasks.TASKS:
            problems.add(errors.unknown_name("benchmark", name, tasks.TASKS))
    if len(set(names.values())) < len(names):
        problems.add(f"Name each benchmark once, found {', '.join(args.benchmarks)}.")
    if args.table is not None and "bbbc021" not in names.values():
        problems.add("--table holds wells of bbbc021: name that benchmark.")
    if not _with_images(args) and set(names.values()) - {"bbbc021"}:
        problems.add("--table without --weights evaluates bbbc021 alone.")
    problems.raise_if_any(errors.ConfigError, "Nothing can be evaluated:")
    return {benchmark: name for name, benchmark in names.items()}


def _datasets(
    args: argparse.Namespace, names: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the prepared datasets and, where a table stands beside, the facts of bbbc021."""
    from cytoimagenet_tfds.evaluation import facts, inputs

    if not _with_images(args):
        return {}, {}
    found = {benchmark: inputs.builder(name, args.data_dir) for benchmark, name in names.items()}
    known = {} if args.table is None else {"bbbc021": facts.read(found["bbbc021"])}
    return found, known


def _facts(args: argparse.Namespace, names: dict[str, str]) -> Any:
    """Returns the facts of bbbc021, None where it is not prepared."""
    from cytoimagenet_tfds.evaluation import facts, inputs

    try:
        return facts.read(inputs.builder(names["bbbc021"], args.data_dir))
    except errors.ConfigError:
        return None
