"""Timing of several ways to do one thing, in turn, so that a busy machine slows all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Seconds(NamedTuple):
    """Seconds by the clock, and of all processors together."""

    wall: float
    processor: float


def fastest(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Seconds]:
    """Returns the fastest round of each way, by the clock and by the processors."""
    found: dict[str, list[Seconds]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            start = Seconds(time.perf_counter(), time.process_time())
            work()
            wall, processor = time.perf_counter(), time.process_time()
            found[name].append(Seconds(wall - start.wall, processor - start.processor))
    return {
        name: Seconds(min(each.wall for each in seconds), min(each.processor for each in seconds))
        for name, seconds in found.items()
    }


def show(found: Mapping[str, Seconds], count: int | Mapping[str, int], what: str) -> None:
    """Prints a line per way: how many a second, and how much processor time each took."""
    for name, seconds in found.items():
        number = count if isinstance(count, int) else count[name]
        each = 1000 * seconds.processor / number
        print(f"{number / seconds.wall:12,.1f} {what}/s  {each:9,.2f} ms of processor  {name}",
              flush=True)  # fmt: skip
