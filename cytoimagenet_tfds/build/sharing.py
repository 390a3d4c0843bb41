"""Work of one machine shared out piece by piece: whoever is free takes the next.

FnApiRunner deals all elements out before its workers begin, as many to each. Cores are seldom
equally fast, nor chunks equally large, and then all wait for one worker: in trials two threads
ended a second apart after four. Here each worker gets one element, and takes turns for the rest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds.build import work

if TYPE_CHECKING:
    import apache_beam as beam

_TURN = b"."


@dataclasses.dataclass(frozen=True)
class Shared:
    """Works on elements until all are taken; each worker, thread or process, calls it once.

    Attributes:
      elements: the same for every worker.
      step: works on one element.
      turns: path of a file that has a byte for each element that was taken.
    """

    elements: Sequence[Any]
    step: Callable[[Any], Any]
    turns: str

    def __call__(self, _: Any) -> Iterator[Any]:
        """Yields the results of the elements this worker took."""
        while (number := self._take()) < len(self.elements):
            try:
                result = self.step(self.elements[number])
            except BaseException:
                with contextlib.suppress(OSError):  # a full disk may be why
                    self._take(len(self.elements))  # the build fails: nobody begins anything more
                raise
            yield result

    def _take(self, count: int = 1) -> int:
        """Takes a turn, or so many at once, and returns its number from 0 on.

        The system appends bytes of several writers one after the other, and moves the position of
        each to the end of its own.
        """
        handle = os.open(self.turns, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, _TURN * count)
            return os.lseek(handle, 0, os.SEEK_CUR) - count
        finally:
            os.close(handle)


def workers(pipeline: beam.Pipeline) -> int:
    """Returns how many workers of this machine a pipeline has; 0 where it runs elsewhere."""
    from apache_beam.options import pipeline_options
    from apache_beam.runners.portability.fn_api_runner import fn_runner

    if not isinstance(pipeline.runner, fn_runner.FnApiRunner):
        return 0
    return int(pipeline.options.view_as(pipeline_options.DirectOptions).direct_num_workers)


def share(owner: object, elements: Sequence[Any], step: Callable[[Any], Any]) -> Shared:
    """Returns what every worker of this machine calls; its file goes when `owner` does."""
    turns = work.scratch("turns")
    weakref.finalize(owner, turns.unlink, missing_ok=True)
    return Shared(elements, step, os.fspath(turns))
