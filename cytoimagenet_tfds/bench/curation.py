"""Labelling a synthetic row table as large as all 40 sources, against the reference's algorithm.

cytoimagenet bench curation                 2.7 million rows, 20 labels by the reference's way
cytoimagenet bench curation --tenfold       also ten times as many rows
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import pandas as pd

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.bench import _reference_labels, _synthetic_rows
from cytoimagenet_tfds.curation import assign, index, planning, select, vocabulary
from cytoimagenet_tfds.curation.assign import Assignment
from cytoimagenet_tfds.curation.config import CurationConfig

_Result = TypeVar("_Result")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--rows", type=int, default=_synthetic_rows.FULL_SIZE, help="table size")
    parser.add_argument("--labels", type=int, default=20,
                        help="labels to take by the reference's algorithm, 0 for none")  # fmt: skip
    parser.add_argument("--tenfold", action="store_true",
                        help="also label ten times as many rows; takes about 10 GB")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Prints times and the highest memory so far after each step."""
    config = CurationConfig()
    print(f"{args.rows:,} rows; one core; memory is the highest of the process so far.")
    rows = _timed("make the table", lambda: _synthetic_rows.table(args.rows)).value
    labelled = _label(rows, config)
    found = labelled.value
    candidates = sum(label.count >= config.min_images for label in found.labels)
    print(f"  {candidates:,} candidates, {len(found.classes):,} classes")
    _timed("whole plan, checked, split, with its summary",
           lambda: planning.plan_with_summary(rows, config))  # fmt: skip
    if args.labels:
        _compare(rows, found, args.labels, candidates, labelled.seconds, config)
    if args.tenfold:
        del rows
        count = 10 * args.rows
        many = _timed("make a table ten times as long, only the columns that are read",
                      lambda: _synthetic_rows.table(count, every_column=False)).value  # fmt: skip
        seconds = _label(many, config).seconds
        print(f"  ten times the rows take {seconds / labelled.seconds:.1f} times the time")
    return 0


@dataclasses.dataclass(frozen=True)
class _Timed(Generic[_Result]):
    value: _Result
    seconds: float


def _timed(what: str, work: Callable[[], _Result]) -> _Timed[_Result]:
    start = time.perf_counter()
    value = work()
    seconds = time.perf_counter() - start
    print(f"{seconds:9.2f} s {_peak_memory():6.2f} GB  {what}", flush=True)
    return _Timed(value, seconds)


def _peak_memory() -> float:
    """Returns the largest resident size of this process so far, in GB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def _label(rows: pd.DataFrame, config: CurationConfig) -> _Timed[Assignment]:
    def work() -> Assignment:
        words = vocabulary.default()
        found = index.LabelIndex(rows, schema.CATEGORIES, words, config.seed)
        return assign.assign(found, config)

    return _timed(f"give {len(rows):,} rows their labels", work)


def _compare(
    rows: pd.DataFrame,
    found: Assignment,
    count: int,
    candidates: int,
    seconds: float,
    config: CurationConfig,
) -> None:
    classes = [label for label, _ in found.classes.values()]
    step = max(len(classes) // count, 1)
    some = classes[::step][:count]
    used: set[str] = set()
    narrow = rows[list(select.NEEDED)]

    def work() -> None:
        for label in some:
            _reference_labels.take(narrow, label.category, label.label, used, config)

    slow = _timed(f"{len(some)} labels spread over the counts, the reference's way", work)
    whole = slow.seconds / len(some) * candidates
    print(
        f"  {slow.seconds / len(some):.2f} s a label; all {candidates:,} at that rate "
        f"{whole:,.0f} s, {whole / seconds:,.0f} times as long"
    )
