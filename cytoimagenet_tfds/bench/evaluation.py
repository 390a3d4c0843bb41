"""Exact nearest neighbours at the size of COOS-7, against the bare matrix product and a loop.

cytoimagenet bench evaluation                     41,456 x 2,560 features, 8,192 queries
cytoimagenet bench evaluation --memory 100        the same within 100 MB beside the data
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

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


def run(args: argparse.Namespace) -> int:
    """Prints queries per second of the product alone, the search and the loop."""
    # By name: the library never imports what stands on it.
    evaluation = importlib.import_module("cytoimagenet_tfds.evaluation")
    rng = np.random.Generator(np.random.PCG64(0))
    # Like pooled activations: not negative, far from the origin, groups of like images.
    centres = rng.random((50, args.features), np.float32) * 2
    train, query = (_activations(centres, rows, rng) for rows in (args.train, args.queries))
    print(f"{args.train:,} x {args.features:,} float32, k = {args.neighbours}, "
          f"{os.cpu_count()} processors")  # fmt: skip
    out = np.empty((min(1024, args.queries), args.train), np.float32)
    product = _rate("matrix product alone", args, args.queries, lambda: _product(train, query, out))
    search = _rate(
        "exact search", args, args.queries,
        lambda: evaluation.nearest_neighbours(
            train, query, args.neighbours, memory=args.memory * 10**6
        ),
    )  # fmt: skip
    some = query[: args.loop]
    way = "numpy, as faiss is not installed"
    if importlib.util.find_spec("faiss") is not None:
        way = "faiss, as the reference"
    loop = _rate(
        f"one query at a time ({way})", args, len(some),
        lambda: _loop(train, some, args.neighbours),
    )  # fmt: skip
    print(f"The search runs at {search / product:.0%} of the product and {search / loop:.0f} times "
          "as fast as the loop.")  # fmt: skip
    return 0


def _activations(centres: Floats, rows: int, rng: np.random.Generator) -> Floats:
    values = rng.standard_normal((rows, centres.shape[1]), np.float32)
    values += centres[rng.integers(0, len(centres), rows)]
    return np.maximum(values, 0, out=values)


def _rate(what: str, args: argparse.Namespace, queries: int, work: Callable[[], object]) -> float:
    """Returns queries per second, the fastest of several rounds."""
    seconds = []
    for _ in range(args.rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    rate = queries / min(seconds)
    print(f"{rate:12,.0f} queries/s  {what}", flush=True)
    return rate


def _product(train: Floats, query: Floats, out: Floats) -> None:
    for start in range(0, len(query), len(out)):
        part = query[start : start + len(out)]
        np.matmul(part, train.T, out=out[: len(part)])


def _loop(train: Floats, query: Floats, k: int) -> list[npt.NDArray[np.int64]]:
    """As the reference searches: one query after the other, with faiss where it is installed."""
    if importlib.util.find_spec("faiss") is None:
        squares = np.einsum("ij,ij->i", train, train)
        return [np.argpartition(squares - 2 * (train @ row), k)[:k] for row in query]
    faiss = importlib.import_module("faiss")
    index = faiss.IndexFlatL2(train.shape[1])
    index.add(train)
    return [index.search(row[None], k)[1] for row in query]
