"""Exact nearest neighbours at the size of COOS-7, and features of a real network.

cytoimagenet bench evaluation                     41,456 x 2,560 features, 8,192 queries
cytoimagenet bench evaluation --queries 32596     as many as the largest test set
cytoimagenet bench evaluation --memory 100        the same within 100 MB beside the data
cytoimagenet bench evaluation --images 0          the search alone

The search is compared with the bare matrix product and with one query at a time, as the reference
searches (faiss where it is installed, otherwise NumPy). Ways are taken in turn. On a machine that
does other work too, compare processor time.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds.bench import _extraction_rates, _rounds

Floats = npt.NDArray[np.float32]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--train", type=int, default=41_456, help="rows to search in")
    parser.add_argument("--queries", type=int, default=8_192, help="rows to search for")
    parser.add_argument("--loop", type=int, default=30, help="queries of the loop")
    parser.add_argument("--features", type=int, default=2_560, help="features of a row")
    parser.add_argument("--neighbours", type=int, default=11, help="neighbours of a query")
    parser.add_argument("--memory", type=int, default=1_024, help="MB the search may use")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest of so many counts")
    for name, (default, text) in _extraction_rates.options().items():
        parser.add_argument(f"--{name}", type=type(default), default=default, help=text)


def run(args: argparse.Namespace) -> int:
    """Prints queries per second of product, search and loop, and images per second."""
    _search(args)
    if args.images:
        _extraction_rates.measure(args.model, args.images, args.side, args.batch, args.rounds)
    return 0


def _search(args: argparse.Namespace) -> None:
    # By name: the library never imports what stands on it.
    evaluation = importlib.import_module("cytoimagenet_tfds.evaluation")
    rng = np.random.Generator(np.random.PCG64(0))
    # Like pooled activations: not negative, far from the origin, groups of like images.
    centres = rng.random((50, args.features), np.float32) * 2
    train, query = (_activations(centres, rows, rng) for rows in (args.train, args.queries))
    print(f"{args.train:,} x {args.features:,} float32, k = {args.neighbours}, "
          f"{os.cpu_count()} processors")  # fmt: skip
    out = np.empty((min(1024, args.queries), args.train), np.float32)
    product, search = "matrix product alone", "exact search"
    loop, one_by_one = _loop(train, query[: args.loop], args.neighbours)
    ways: dict[str, Callable[[], object]] = {
        product: lambda: _product(train, query, out),
        search: lambda: evaluation.nearest_neighbours(
            train, query, args.neighbours, memory=args.memory * 10**6
        ),
        loop: one_by_one,
    }
    found = _rounds.fastest(ways, args.rounds)
    counts = {product: args.queries, search: args.queries, loop: min(args.loop, args.queries)}
    _rounds.show(found, counts, "queries")
    times = (found[loop].wall / counts[loop]) / (found[search].wall / counts[search])
    print(f"The search runs at {found[product].wall / found[search].wall:.0%} of the product by "
          f"the clock, {found[product].processor / found[search].processor:.0%} by processor time, "
          f"and {times:.0f} times as fast as the loop.")  # fmt: skip


def _activations(centres: Floats, rows: int, rng: np.random.Generator) -> Floats:
    values = rng.standard_normal((rows, centres.shape[1]), np.float32)
    values += centres[rng.integers(0, len(centres), rows)]
    return np.maximum(values, 0, out=values)


def _product(train: Floats, query: Floats, out: Floats) -> None:
    for start in range(0, len(query), len(out)):
        part = query[start : start + len(out)]
        np.matmul(part, train.T, out=out[: len(part)])


def _loop(train: Floats, query: Floats, k: int) -> tuple[str, Callable[[], object]]:
    """Returns the reference's way, one query after the other, and how to call it."""
    if importlib.util.find_spec("faiss") is None:
        squares = np.einsum("ij,ij->i", train, train)
        way = "one query at a time (NumPy, as faiss is not installed)"
        return way, lambda: [
            np.argpartition(squares - 2 * (train @ row), min(k, len(train) - 1))[:k]
            for row in query
        ]
    faiss = importlib.import_module("faiss")
    index = faiss.IndexFlatL2(train.shape[1])
    index.add(train)
    return "one query at a time (faiss, as the reference)", lambda: [
        index.search(row[None], k)[1] for row in query
    ]
