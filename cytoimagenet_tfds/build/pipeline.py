"""The two Beam pipelines: render, then assemble.

Both are straight: a few numbers, one shuffle directly before the heavy step, one step. The workers
of this machine share the work as they go (`sharing`), those of a cluster get it dealt out. Side
outputs, several leaves, output of `finish_bundle` and metrics are silently wrong or missing on
some runners, so results travel in the tables that the steps write.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import memory, sharing, storage

if TYPE_CHECKING:
    import apache_beam as beam

    from cytoimagenet_tfds.build.assemble import WriteShard
    from cytoimagenet_tfds.build.render import RenderChunk
    from cytoimagenet_tfds.build.shards import ShardName


def render(pipeline: beam.Pipeline, numbers: Sequence[int], step: RenderChunk) -> Any:
    """Adds the rendering of the chunks `numbers` to a pipeline."""
    return _spread(pipeline, numbers, "RenderChunk", _Counted(step))


def assemble(pipeline: beam.Pipeline, shards: Sequence[ShardName], step: WriteShard) -> Any:
    """Adds the writing of the final shards of all splits to a pipeline."""
    return _spread(pipeline, shards, "WriteShard", _Counted(step))


def _spread(
    pipeline: beam.Pipeline, elements: Sequence[Any], name: str, step: Callable[[Any], Any]
) -> Any:
    import apache_beam as beam

    workers = sharing.workers(pipeline)
    if workers > 1:
        shared = sharing.share(pipeline, elements, step)
        work, given = beam.FlatMap(shared), list(range(workers))
    else:
        work, given = beam.Map(step), list(elements)
    return (
        pipeline
        | "Create" >> beam.Create(given, reshuffle=False)
        # Without it everything runs in one bundle on one worker.
        | beam.Reshuffle()
        | name >> work
    )


class _Counted:
    """Calls a step; what its result counts last goes to counters that a runner's page shows."""

    def __init__(self, step: Callable[[Any], tuple[Any, ...]]) -> None:
        self._step = step

    def __call__(self, element: Any) -> tuple[Any, ...]:
        from apache_beam.metrics import metric

        *result, counts = self._step(element)
        for name, count in counts.items():
            metric.Metrics.counter("cytoimagenet", name).inc(count)
        return tuple(result)


def run(runner: Any, options: Any, build: Callable[[beam.Pipeline], Any]) -> None:
    """Builds one pipeline and waits until it has run.

    Raises:
      ConfigError: Beam does not know the runner, or its options contradict each other.
      BuildError: a disk is full, or takes no files; or what a worker raised as such.
    """
    import apache_beam as beam

    memory.give_back()
    with storage.explained(), memory.settled():
        with _no_notebook():
            try:
                pipeline = beam.Pipeline(runner=runner, options=options)
            except ValueError as error:  # Beam's words are those for people
                raise errors.ConfigError(f"Beam cannot use its options: {error}") from error
            build(pipeline)
            result = pipeline.run()
            result.wait_until_finish()
        if isinstance(getattr(result, "client", None), contextlib.AbstractContextManager):
            result.client.close()  # Dask's; it would look for its scheduler for ever
    memory.give_back()


@contextlib.contextmanager
def _no_notebook() -> Iterator[None]:
    """Hides from Beam that it runs in a notebook.

    There it loads its interactive part, which fails with pandas 3 (`DataFrame` has no `first`), and
    its Dask runner refuses to run. Our pipelines have nothing interactive.
    """
    ipython: Any = sys.modules.get("IPython")
    if ipython is None:
        yield
        return
    found = ipython.get_ipython
    ipython.get_ipython = lambda: None
    try:
        yield
    finally:
        ipython.get_ipython = found
