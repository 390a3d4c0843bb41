"""The build, stage by stage, beside the reference's algorithm and what cannot be beaten.

cytoimagenet bench build                                rates on one core, two workers, verify
cytoimagenet bench build --dask=tcp://127.0.0.1:8786    also on the workers of a Dask scheduler
cytoimagenet bench build --memory=5000                  peak memory of a build of 5,000 fields
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from cytoimagenet_tfds.bench import (
    _fields,
    _memory,
    _pixel_rates,
    _record_rates,
    _stage,
    _worker_rates,
)

FORMATS = (
    _fields.FieldFormat(".tif", 1080, 3, 4),
    _fields.FieldFormat(".png", 512, 6, 4),
)
_ROWS = 4  # rows of one field, so that what a chunk costs is spread as in a build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--fields", type=int, default=40, help="distinct fields of each format")
    parser.add_argument("--rows", type=int, default=1200,
                        help="rows that several workers render, 0 for none")  # fmt: skip
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each thing is timed, in turns"
    )
    parser.add_argument("--dask", default="", help="address of a Dask scheduler of two workers")
    parser.add_argument("--memory", type=int, default=0,
                        help="only build so many 512 x 512 fields, and print the peak")  # fmt: skip
    parser.add_argument("--shards", type=int, default=0, help="shards of that build")


def run(args: argparse.Namespace) -> int:
    """Prints a table of rates and ratios."""
    _worker_rates.check(args.rows)
    with tempfile.TemporaryDirectory() as folder:
        if args.memory:
            _memory.measure(Path(folder), args.memory, args.shards)
            return 0
        print(f"{os.cpu_count()} processors, page cache, local disk; {args.rounds} rounds in "
              "turns: on one core the median of processor time, of several workers the fastest by "
              "the clock.", flush=True)  # fmt: skip
        for kind in FORMATS:
            root = Path(folder) / kind.suffix[1:]
            made = _stage.Fields(root, kind, max(args.rows, _ROWS * args.fields), args.fields)
            _pixel_rates.measure(made.first(_ROWS * args.fields), args.fields, args.rounds)
            if args.rows:
                _worker_rates.measure(made.first(args.rows), args.dask, args.rounds)
        _record_rates.measure(made.first(args.fields), args.rounds)
    return 0
