"""The build, stage by stage, beside the reference's algorithm and what cannot be beaten.

cytoimagenet bench build                                rates on one core, two workers, verify
cytoimagenet bench build --dask=tcp://127.0.0.1:8786    also on the workers of a Dask scheduler
cytoimagenet bench build --memory=5000                  peak memory of a build of 5,000 fields
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.bench import _fields, _reference_pixels
from cytoimagenet_tfds.build import (
    assemble,
    chunks,
    division,
    engines,
    features,
    options,
    pipeline,
    render,
    selection,
    shards,
)  # fmt: skip
from cytoimagenet_tfds.build.work import WorkFolder

FORMATS = (
    _fields.FieldFormat(".tif", 1080, 3, 4),
    _fields.FieldFormat(".png", 512, 6, 4),
)
MEMORY_FORMAT = _fields.FieldFormat(".png", 512, 3, 4)
_WINDOW = ("y_min", "y_max", "x_min", "x_max", "scaling")
_SPREAD = 8  # rows of a chunk where several workers share few rows
_SETTINGS = images.PixelSettings()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--fields", type=int, default=40, help="fields of each format")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is printed")
    parser.add_argument("--dask", default="", help="address of a Dask scheduler of two workers")
    parser.add_argument("--memory", type=int, default=0,
                        help="only build so many 512 x 512 fields, and print the peak")  # fmt: skip
    parser.add_argument("--shards", type=int, default=0, help="shards of that build")


def run(args: argparse.Namespace) -> int:
    """Prints a table of rates and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        if args.memory:
            _memory(Path(folder), args.memory, args.shards)
            return 0
        print(f"{os.cpu_count()} processors; medians of {args.rounds}; page cache, local disk; "
              "rates on one core are those of processor time.")  # fmt: skip
        for kind in FORMATS:
            made = _Made(Path(folder) / kind.suffix[1:], kind, args.fields)
            _pixels(made, args.rounds)
            many = _Made(
                Path(folder) / f"many_{kind.suffix[1:]}", kind, 10 * args.fields, args.fields
            )
            _workers(many, args.dask)
        _records(made, args.rounds)
    return 0


class _Made:
    """Fields on the disk, their plan, and an empty work folder for each rendering."""

    def __init__(
        self, root: Path, kind: _fields.FieldFormat, count: int, distinct: int = 0
    ) -> None:
        self.kind, self.raw = kind, root / "raw"
        self.plan = _fields.write(self.raw, kind, count, distinct)
        self.roots = {"bench": str(self.raw)}
        self.out = root / "out"
        self.out.mkdir()

    def step(
        self, rows_per_chunk: int = options.ROWS_PER_CHUNK
    ) -> tuple[render.RenderChunk, division.Division]:
        """Returns the step over the plan in a work folder without chunks."""
        shutil.rmtree(self.out / "work", ignore_errors=True)
        work = WorkFolder(str(self.out / "work"))
        work.chunks.mkdir(parents=True)
        divided = division.divide(self.plan, rows_per_chunk, "bench")
        division.write(divided, work)
        return render.RenderChunk(work, divided.digest, self.roots, _SETTINGS), divided

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


def _rates(count: int, rounds: int, *works: Callable[[], object]) -> dict[str, float]:
    """Returns name of each work -> how many a second of processor time; medians.

    The works take turns, so that whatever else the machine does meets all of them.
    """
    seconds: dict[str, list[float]] = {}
    for _, work in itertools.product(range(rounds), works):
        start = time.process_time()
        work()
        seconds.setdefault(work.__name__, []).append(time.process_time() - start)
    return {name: count / statistics.median(found) for name, found in seconds.items()}


def _pixels(made: _Made, rounds: int) -> None:
    """One core: the build's own step, the reference, and decoding and encoding alone."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    lines = made.lines()
    lines = lines[lines["crop"] >= 0]
    windows: dict[str, list[images.Window]] = {}
    bounds = zip(*(lines[name] for name in _WINDOW), strict=True)
    for key, values in zip(lines["key"], bounds, strict=True):
        windows.setdefault(key, []).append(images.Window(*values))
    paths = {key: [made.raw / name for name in text.split("|")]
             for key, text in zip(made.plan["key"], made.plan["files"], strict=True)}  # fmt: skip
    work = WorkFolder(str(made.out / "work"))
    pngs = [chunks.read_image(work.chunks, line) for line in lines.itertuples()]
    pixels = [images.decode_png(png) for png in pngs]

    def ours() -> None:
        step, divided = made.step()
        for number in range(len(divided.names)):
            step(number)

    def reference() -> None:
        for key, found in windows.items():
            _reference_pixels.field(paths[key], found, made.out)

    def floor() -> None:
        for files in paths.values():
            for path in files:
                images.read(path)
        for image in pixels:
            images.encode_png(image)

    rates = _rates(len(made.plan), rounds, ours, reference, floor)
    cv2.setNumThreads(threads)
    print(made.kind, flush=True)
    for name, rate in rates.items():
        print(f"{rate:10.1f} fields/s  {name}, one core")
    print(f"{rates['ours'] / rates['reference']:10.1f} times the reference, "
          f"{rates['ours'] / rates['floor']:.0%} of the floor", flush=True)  # fmt: skip


def _workers(made: _Made, dask: str) -> None:
    """The render stage with one and two workers; start-up counts, so the rows are many."""
    given = {name: ["cyto_engine=threads", f"direct_num_workers={count}"]
             for name, count in (("one thread", 1), ("two threads", 2))}  # fmt: skip
    given |= {"two processes": ["cyto_engine=processes", "direct_num_workers=2"]}
    if dask:
        given["two workers of Dask"] = engines.expand("dask", [f"dask_client_address={dask}"])
    seconds = {}
    for name, words in given.items():
        runner, chosen = _engine(words)
        step, divided = made.step(rows_per_chunk=_SPREAD)
        numbers = range(len(divided.names))
        start = time.perf_counter()
        pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
        seconds[name] = time.perf_counter() - start
        ratio = seconds["one thread"] / seconds[name]
        print(f"{len(made.plan) / seconds[name]:10.1f} fields/s  {name}, {ratio:.2f} times one "
              "thread", flush=True)  # fmt: skip


def _engine(words: list[str]) -> tuple[Any, options.BuildOptions]:
    import tensorflow_datasets as tfds
    from apache_beam.options import pipeline_options

    flags = pipeline_options.PipelineOptions([f"--{word}" for word in words])
    return options.runner_and_options(tfds.download.DownloadConfig(beam_options=flags))


def _records(made: _Made, rounds: int, copies: int = 40) -> None:
    """Assembling and verifying records of the last format, one process."""
    lines = made.lines()
    chosen = selection.select(made.plan, lines, 0, selection.ClassRules(10**9, 1))
    many = pd.concat([chosen.images] * copies, ignore_index=True)
    many["key"] = [f"{key}#{number}" for number, key in enumerate(many["key"])]
    chosen = selection.Selection(many, chosen.classes, {})
    work = WorkFolder(str(made.out / "work"))
    assembly = assemble.prepare(chosen, work, _Sharding())
    step = assemble.WriteShard(
        work, assembly.digest, chosen.classes, "array_record", made.templates()
    )

    def write() -> None:
        for shard in assembly.shards:
            step(shard)

    write()  # imports what it needs
    rate = _rates(len(many), rounds, write)["write"]
    print(f"{rate:10,.0f} records/s  assemble, one core, "
          f"{many['length'].mean() / 1000:.0f} kB each")  # fmt: skip
    _verifying(shards.collect(work, assembly.digest, assembly.shards), made, chosen, rounds)


@dataclasses.dataclass(frozen=True)
class _Sharding:
    """So many shards, whatever the size."""

    shards: int = 4

    def get_number_shards(self, size: int, count: int) -> int:
        """As TFDS' ShardConfig."""
        return min(self.shards, count)


def _verifying(
    written: tuple[shards.Shard, ...], made: _Made, chosen: selection.Selection, rounds: int
) -> None:
    from etils import epath
    from tensorflow_datasets.proto import tf_example_pb2

    from cytoimagenet_tfds.build import records, verify

    found = features.features(labelled=True, classes=chosen.classes)
    checker = verify.checker_of(found)
    paths = [epath.Path(made.out) / shard.file for shard in written]
    examples = tf_example_pb2.Example
    stored = [r for path in paths for r in records.read(path, "array_record")]
    pngs = [examples.FromString(r).features.feature["image"].bytes_list.value[0] for r in stored]

    def pure() -> None:
        for png in pngs:
            images.decode_png(png)

    def check() -> None:
        for path in paths:
            shards.measure(path)
            for record in records.read(path, "array_record"):
                checker(record)

    rates = _rates(len(pngs), rounds, pure, check)
    print(f"{rates['pure']:10,.0f} images/s  decoding alone, one core")
    print(f"{rates['check']:10,.0f} images/s  verify, one core, "
          f"{rates['check'] / rates['pure']:.0%} of decoding alone")  # fmt: skip


def _memory(folder: Path, count: int, shard_count: int) -> None:
    """Renders and assembles fields with two threads, and prints the peak of this process."""
    made = _Made(folder / "memory", MEMORY_FORMAT, count, distinct=200)
    before = _peak()
    step, divided = made.step()
    runner, chosen = _engine(["direct_num_workers=2"])
    numbers = range(len(divided.names))
    pipeline.run(runner, chosen, functools.partial(pipeline.render, numbers=numbers, step=step))
    rendered = _peak()
    tables = [chunks.read(step.work.chunks, name) for name in divided.names]
    named = zip(divided.names, tables, strict=True)
    lines = pd.concat([t.assign(chunk=n) for n, t in named if t is not None], ignore_index=True)
    picked = selection.select(made.plan, lines, 0, selection.ClassRules(10**9, 1))
    assembly = assemble.prepare(picked, step.work, _Sharding(shard_count or 4))
    write = assemble.WriteShard(
        step.work, assembly.digest, picked.classes, "array_record", made.templates()
    )
    build = functools.partial(pipeline.assemble, shards=assembly.shards, step=write)
    pipeline.run(_engine(["direct_num_workers=2"])[0], chosen, build)
    size = sum(s.bytes for s in shards.collect(step.work, assembly.digest, assembly.shards))
    print(f"{count:,} fields, {len(picked.images):,} images, {len(assembly.shards)} shards of "
          f"{size / len(assembly.shards) / 1e6:,.0f} MB: {before:,.0f} MB before, "
          f"{rendered:,.0f} MB after rendering, {_peak():,.0f} MB after assembling")  # fmt: skip


def _peak() -> float:
    """Returns the largest resident size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
