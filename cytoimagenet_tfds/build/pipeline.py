"""The two Beam pipelines: render, then assemble.

Both are straight: a few numbers, one shuffle directly before the heavy step, one step. Side
outputs, several leaves, output of `finish_bundle` and metrics are silently wrong or missing on
some runners, so results travel in the tables that the steps write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import apache_beam as beam

    from cytoimagenet_tfds.build.assemble import ShardName, WriteShard
    from cytoimagenet_tfds.build.render import RenderChunk


def render(pipeline: beam.Pipeline, numbers: Sequence[int], step: RenderChunk) -> Any:
    """Adds the rendering of the chunks `numbers` to a pipeline."""
    return _spread(pipeline, numbers, "RenderChunk", step)


def assemble(pipeline: beam.Pipeline, shards: Sequence[ShardName], step: WriteShard) -> Any:
    """Adds the writing of the final shards of all splits to a pipeline."""
    return _spread(pipeline, shards, "WriteShard", step)


def _spread(
    pipeline: beam.Pipeline, elements: Sequence[Any], name: str, step: Callable[[Any], Any]
) -> Any:
    import apache_beam as beam

    return (
        pipeline
        | "Create" >> beam.Create(list(elements), reshuffle=False)
        # Without it everything runs in one bundle on one worker.
        | beam.Reshuffle()
        | name >> beam.Map(step)
    )


def run(runner: Any, options: Any, build: Callable[[beam.Pipeline], Any]) -> None:
    """Builds one pipeline and waits until it has run."""
    import apache_beam as beam

    pipeline = beam.Pipeline(runner=runner, options=options)
    build(pipeline)
    pipeline.run().wait_until_finish()
