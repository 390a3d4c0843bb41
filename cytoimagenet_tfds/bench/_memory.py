"""The largest size of a process that renders and assembles many fields."""

from __future__ import annotations

import functools
import resource
import sys
from pathlib import Path

from cytoimagenet_tfds.bench import _fields, _stage
from cytoimagenet_tfds.build import assemble, pipeline, rendered, selection, shards

_FORMAT = _fields.FieldFormat(".png", 512, 3, 4)


def measure(folder: Path, count: int, shard_count: int) -> None:
    """Renders and assembles fields with two threads, and prints the peak of this process."""
    made = _stage.Fields(folder / "memory", _FORMAT, count, distinct=200)
    before = _peak()
    step, divided = made.step()
    runner, chosen = _stage.engine(["direct_num_workers=2"])
    numbers = range(len(divided.names))
    pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
    after = _peak()
    found = rendered.read(step.work.chunks, divided)
    picked = selection.select(made.plan, found, 0, selection.ClassRules(10**9, 1))
    assembly = assemble.prepare(picked, step.work, _stage.Sharding(shard_count or 4))
    write = assemble.WriteShard(
        step.work, assembly.digest, picked.classes, "array_record", made.templates()
    )
    build = functools.partial(pipeline.assemble, shards=assembly.shards, step=write)
    pipeline.run(_stage.engine(["direct_num_workers=2"])[0], chosen, build)
    written = shards.collect(step.work, assembly.digest, assembly.shards)
    size = sum(shard.bytes for shard in written)
    print(f"{count:,} fields, {len(picked):,} images, {len(assembly.shards)} shards of "
          f"{size / len(assembly.shards) / 1e6:,.0f} MB: {before:,.0f} MB before, "
          f"{after:,.0f} MB after rendering, {_peak():,.0f} MB after assembling")  # fmt: skip


def _peak() -> float:
    """Returns the largest resident size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
