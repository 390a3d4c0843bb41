"""The render stage with one and two workers: threads, processes, Dask."""

from __future__ import annotations

import functools
import os
import time

from cytoimagenet_tfds.bench import _stage
from cytoimagenet_tfds.build import division, engines, pipeline, render

_SPREAD = 16  # rows of a chunk: fewer than in a build, so that workers finish together


def measure(made: _stage.Fields, dask: str) -> None:
    """Prints wall-clock rates; start-up counts, so the rows must be many.

    Args:
      made: fields whose render takes one thread much longer than workers take to start.
      dask: address of a scheduler of two workers, '' for none.
    """
    given = {name: ["cyto_engine=threads", f"direct_num_workers={count}"]
             for name, count in (("one thread", 1), ("two threads", 2))}  # fmt: skip
    given |= {"two processes": ["cyto_engine=processes", "direct_num_workers=2"]}
    if dask:
        given["two workers of Dask"] = engines.expand("dask", [f"dask_client_address={dask}"])
    one = 0.0
    for name, words in given.items():
        seconds, first = _run(made, words)
        one = one or seconds
        print(f"{len(made.plan) / seconds:10.1f} fields/s  {name}: {one / seconds:.2f} of one "
              f"thread; {seconds:.1f} s, first chunk after {first:.1f}", flush=True)  # fmt: skip


def _run(made: _stage.Fields, words: list[str]) -> tuple[float, float]:
    """Renders all; returns seconds of the whole, and until the first chunk was committed."""
    runner, chosen = _stage.engine(words)
    step, divided = made.step(rows_per_chunk=_SPREAD)
    numbers = range(len(divided.names))
    start = time.time()
    pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
    return time.time() - start, _first(step, divided) - start


def _first(step: render.RenderChunk, divided: division.Division) -> float:
    """Returns when the first chunk was committed, in the clock of the file system."""
    folder = step.work.chunks
    return min(os.stat(folder / f"{name}.parquet").st_mtime for name in divided.names)
