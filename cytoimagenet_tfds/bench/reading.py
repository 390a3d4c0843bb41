"""Reading images with their channels apart into batches of one shape, from a prepared dataset.

cytoimagenet bench reading                          the sample, built into a temporary folder
cytoimagenet bench reading cytoimagenet/multichannel --data_dir /data/datasets
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from cytoimagenet_tfds import reading

_SAMPLE = "cytoimagenet/sample-multichannel"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", nargs="?", default=_SAMPLE, help="a dataset in array_record")
    parser.add_argument("--data_dir", help="folder of the dataset; the sample is built by itself")
    parser.add_argument("--side", type=int, default=224, help="pixels of a side of the batches")
    parser.add_argument("--batch", type=int, default=64, help="images of a batch")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each way is measured")


def run(args: argparse.Namespace) -> int:
    """Prints images and channels per second of reading alone, and of making batches."""
    import tensorflow_datasets as tfds

    with tempfile.TemporaryDirectory() as folder:
        data_dir = args.data_dir
        if data_dir is None:
            data_dir = folder
            builder = tfds.builder(args.name, data_dir=folder, file_format="array_record")
            with contextlib.redirect_stdout(io.StringIO()):
                builder.download_and_prepare()
        source = tfds.data_source(args.name, split="train", data_dir=data_dir)
        print(f"{args.name}: {len(source):,} examples, batches of {args.batch}")
        _rate("examples read and decoded", _batches(source, args.batch), len, args.seconds)
        _rate(
            f"batches [{args.batch}, 8, {args.side}, {args.side}] and their channels in a bag",
            _batches(source, args.batch), lambda batch: _bag(batch, args.side), args.seconds,
        )  # fmt: skip
    return 0


def _batches(source: Any, size: int) -> Iterator[list[dict[str, Any]]]:
    """Yields batches for ever."""
    while True:
        for start in range(0, len(source), size):
            yield [source[n] for n in range(start, min(start + size, len(source)))]


def _bag(batch: list[dict[str, Any]], side: int) -> int:
    return len(reading.bag(*reading.pad_channels(batch, side))[0])


def _rate(
    what: str,
    batches: Iterator[list[dict[str, Any]]],
    work: Callable[[list[dict[str, Any]]], int],
    seconds: float,
) -> None:
    work(next(batches))
    images = channels = 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        batch = next(batches)
        work(batch)
        images += len(batch)
        channels += sum(example["image"].shape[2] for example in batch)
    spent = time.perf_counter() - start
    print(f"{images / spent:10,.0f} images/s {channels / spent:10,.0f} channels/s  {what}",
          flush=True)  # fmt: skip
