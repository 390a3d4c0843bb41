"""The render stage with one and two workers: threads, processes, Dask."""

from __future__ import annotations

import functools
import time

from cytoimagenet_tfds.bench import _stage
from cytoimagenet_tfds.build import engines, pipeline

_SPREAD = 8  # rows of a chunk where several workers share few rows


def measure(made: _stage.Fields, dask: str) -> None:
    """The render stage with one and two workers; start-up counts, so the rows are many."""
    given = {name: ["cyto_engine=threads", f"direct_num_workers={count}"]
             for name, count in (("one thread", 1), ("two threads", 2))}  # fmt: skip
    given |= {"two processes": ["cyto_engine=processes", "direct_num_workers=2"]}
    if dask:
        given["two workers of Dask"] = engines.expand("dask", [f"dask_client_address={dask}"])
    seconds = {}
    for name, words in given.items():
        runner, chosen = _stage.engine(words)
        step, divided = made.step(rows_per_chunk=_SPREAD)
        numbers = range(len(divided.names))
        start = time.perf_counter()
        pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
        seconds[name] = time.perf_counter() - start
        ratio = seconds["one thread"] / seconds[name]
        print(f"{len(made.plan) / seconds[name]:10.1f} fields/s  {name}, {ratio:.2f} times one "
              "thread", flush=True)  # fmt: skip
