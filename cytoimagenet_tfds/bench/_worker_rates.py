"""The render stage with one and two workers: threads, processes, Dask, and what the machine gives.

Two processors of a shared machine seldom do twice the work of one. So the same chunks are also
rendered by one and by two plain processes, without Beam: no engine can gain more than those.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.bench import _stage
from cytoimagenet_tfds.build import division, engines, pipeline, render

_PATIENCE = 300.0  # seconds for the imports of a process
_SPREAD = 16  # rows of a chunk: fewer than in a build, so that workers finish together
_FEWEST = 8 * _SPREAD
_ONE, _PLAIN_ONE, _PLAIN_TWO = "one thread", "one process without Beam", "two without Beam"


class Seconds(NamedTuple):
    """Seconds of the whole run, and from the first committed chunk to the last."""

    whole: float
    working: float


def check(rows: int) -> None:
    """Raises ConfigError where two workers cannot share so many rows."""
    if 0 < rows < _FEWEST:
        raise errors.ConfigError(f"--rows: expected 0 or at least {_FEWEST}, found {rows}.")


def measure(made: _stage.Fields, dask: str, rounds: int) -> None:
    """Prints wall-clock rates, the fastest of so many rounds in which the ways take turns.

    Args:
      made: fields whose render takes one thread much longer than workers take to start.
      dask: address of a scheduler of two workers, '' for none.
      rounds: how often every way is run.
    """
    found: dict[str, list[Seconds]] = {}
    for _ in range(rounds):
        for name, way in _ways(made, dask).items():
            found.setdefault(name, []).append(way())
    best = {name: Seconds(*map(min, zip(*runs, strict=True))) for name, runs in found.items()}
    rows, one = len(made.plan), best[_ONE]
    for name, seconds in best.items():
        print(f"{rows / seconds.whole:10.1f} fields/s  {name}: {one.whole / seconds.whole:.2f} of "
              f"one thread, {one.working / seconds.working:.2f} from first to last chunk; "
              f"{seconds.whole:.1f} s", flush=True)  # fmt: skip
    limit = best[_PLAIN_ONE].working / best[_PLAIN_TWO].working
    print(f"{limit:10.2f} times as much by two plain processes as by one: what the machine gives",
          flush=True)  # fmt: skip


def _ways(made: _stage.Fields, dask: str) -> Mapping[str, Callable[[], Seconds]]:
    given = {name: ["cyto_engine=threads", f"direct_num_workers={count}"]
             for name, count in ((_ONE, 1), ("two threads", 2))}  # fmt: skip
    given |= {"two processes": ["cyto_engine=processes", "direct_num_workers=2"]}
    if dask:
        given["two workers of Dask"] = engines.expand("dask", [f"dask_client_address={dask}"])
    ways = {name: functools.partial(_by_beam, made, words) for name, words in given.items()}
    plain = {name: functools.partial(_plain, made, count)
             for name, count in ((_PLAIN_ONE, 1), (_PLAIN_TWO, 2))}  # fmt: skip
    return ways | plain


def _by_beam(made: _stage.Fields, words: list[str]) -> Seconds:
    runner, chosen = _stage.engine(words)
    step, divided = made.step(rows_per_chunk=_SPREAD)
    numbers = range(len(divided.names))
    start = time.time()
    pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
    return Seconds(time.time() - start, _working(step, divided))


def _plain(made: _stage.Fields, count: int) -> Seconds:
    step, divided = made.step(rows_per_chunk=_SPREAD)
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(count + 1)
    with futures.ProcessPoolExecutor(count, context, _be_ready, (ready,)) as pool:
        work = [pool.submit(step, number) for number in range(len(divided.names))]
        ready.wait(_PATIENCE)  # the imports of all processes are done
        start = time.time()
        for each in work:
            each.result()
        seconds = time.time() - start
    return Seconds(seconds, _working(step, divided))


def _be_ready(ready: Barrier) -> None:
    ready.wait(_PATIENCE)


def _working(step: render.RenderChunk, divided: division.Division) -> float:
    """Returns the seconds between the first and the last chunk: no start, no end of workers."""
    folder = step.work.chunks
    times = [os.stat(folder / f"{name}.parquet").st_mtime for name in divided.names]
    return max(times) - min(times)
