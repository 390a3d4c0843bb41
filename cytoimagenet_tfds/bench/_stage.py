"""What every part of `bench build` works on: fields, their plan, a work folder, and a clock."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.bench import _fields
from cytoimagenet_tfds.build import chunks, division, options, render
from cytoimagenet_tfds.build.work import WorkFolder

SETTINGS = images.PixelSettings()


class Fields:
    """Fields on the disk, their plan, and an empty work folder for each rendering."""

    def __init__(
        self, root: Path, kind: _fields.FieldFormat, count: int, distinct: int = 0
    ) -> None:
        self.kind, self.raw = kind, root / "raw"
        self.plan = _fields.write(self.raw, kind, count, distinct)
        self.roots = {"bench": str(self.raw)}
        self.out = root / "out"
        self.out.mkdir()

    def first(self, count: int) -> Fields:
        """Returns the same files with a plan of its first rows."""
        fewer = copy.copy(self)
        fewer.plan = self.plan.head(count)
        return fewer

    def step(
        self, rows_per_chunk: int = options.ROWS_PER_CHUNK
    ) -> tuple[render.RenderChunk, division.Division]:
        """Returns the step over the plan in a work folder without chunks."""
        shutil.rmtree(self.out / "work", ignore_errors=True)
        work = WorkFolder(str(self.out / "work"))
        work.chunks.mkdir(parents=True)
        divided = division.divide(self.plan, rows_per_chunk, "bench")
        division.write(divided, work)
        return render.RenderChunk(work, divided.digest, self.roots, SETTINGS), divided

    def templates(self) -> dict[str, Any]:
        """Returns the template of the names of shards."""
        from tensorflow_datasets.core import naming

        return {"train": naming.ShardedFileTemplate(
            data_dir=self.out, dataset_name="bench", split="train", filetype_suffix="array_record"
        )}  # fmt: skip

    def lines(self) -> pd.DataFrame:
        """Renders everything in this process and returns the lines of all chunks."""
        step, divided = self.step()
        for number in range(len(divided.names)):
            step(number)
        tables = [chunks.read(step.work.chunks, name) for name in divided.names]
        named = zip(divided.names, tables, strict=True)
        return pd.concat([t.assign(chunk=n) for n, t in named if t is not None], ignore_index=True)


@dataclasses.dataclass(frozen=True)
class Sharding:
    """So many shards, whatever the size."""

    shards: int = 4

    def get_number_shards(self, size: int, count: int) -> int:
        """As TFDS' ShardConfig."""
        return min(self.shards, count)


def rates(count: int, rounds: int, *works: Callable[[], object]) -> dict[str, float]:
    """Returns name of each work -> how many a second of processor time; medians.

    The works take turns, so that whatever else the machine does meets all of them.
    """
    seconds: dict[str, list[float]] = {}
    for _, work in itertools.product(range(rounds), works):
        start = time.process_time()
        work()
        seconds.setdefault(work.__name__, []).append(time.process_time() - start)
    return {name: count / statistics.median(found) for name, found in seconds.items()}


def engine(words: list[str]) -> tuple[Any, options.BuildOptions]:
    """Returns runner and options for words such as `direct_num_workers=2`."""
    import tensorflow_datasets as tfds
    from apache_beam.options import pipeline_options

    flags = pipeline_options.PipelineOptions([f"--{word}" for word in words])
    return options.runner_and_options(tfds.download.DownloadConfig(beam_options=flags))
