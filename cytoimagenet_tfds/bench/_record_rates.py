"""Assembling and verifying records, one process."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.bench import _stage
from cytoimagenet_tfds.build import assemble, features, rendered, selection, shards, writing
from cytoimagenet_tfds.build.work import WorkFolder

if TYPE_CHECKING:
    from cytoimagenet_tfds.build import reread

FORMATS = ("array_record", "tfrecord")


def measure(made: _stage.Fields, rounds: int, copies: int = 40) -> None:
    """Assembling and verifying records of the last format, one process."""
    chosen = _chosen(made, copies)
    work = WorkFolder(str(made.out / "work"))
    assembly = assemble.prepare(chosen, work, _stage.Sharding())
    print(f"{len(chosen):,} records of {chosen.images['length'].mean() / 1000:.0f} kB, one core")
    for file_format in reversed(FORMATS):
        _assembling(assembly, chosen, work, made, file_format, rounds)
    written = shards.collect(work, assembly.digest, assembly.shards)
    _verifying(written, made, chosen, rounds)


def _assembling(
    assembly: assemble.Assembly,
    chosen: selection.Selection,
    work: WorkFolder,
    made: _stage.Fields,
    file_format: str,
    rounds: int,
) -> None:
    """Writes the shards, and the same records without making them, by our writer and TFDS' own."""
    templates = {
        split: template.replace(filetype_suffix=file_format)
        for split, template in made.templates().items()
    }
    step = assemble.WriteShard(work, assembly.digest, chosen.classes, file_format, templates)
    with step.read(work.chunks) as read:
        examples = list(step.examples(assembly.shards[0], read))
    path = made.out / f"alone.{file_format}"

    def write() -> None:
        for shard in assembly.shards:
            step(shard)

    def alone() -> None:
        for _ in assembly.shards:
            writing.write(path, examples, file_format)

    def tfds() -> None:
        for _ in assembly.shards:
            writing.by_tfds(path, examples, file_format)

    write()  # imports what it needs
    rates = _stage.rates(len(chosen), rounds, write, alone, tfds)
    print(f"{rates['write']:10,.0f} records/s  assemble, {file_format}, "
          f"{rates['write'] / rates['alone']:.0%} of its writer alone")  # fmt: skip
    print(f"{rates['alone']:10,.0f} records/s  the writer alone")
    print(f"{rates['tfds']:10,.0f} records/s  the writer of TFDS alone", flush=True)


def _chosen(made: _stage.Fields, copies: int) -> selection.Selection:
    """Renders the fields, and selects each image so many times, under a key of its own."""
    step, divided = made.step()
    for number in range(len(divided.names)):
        step(number)
    found = rendered.read(step.work.chunks, divided)
    rows = len(made.plan)
    plan = pd.concat([made.plan] * copies, ignore_index=True)
    plan["key"] = [f"{key}#{number}" for number, key in enumerate(plan["key"])]
    images = np.tile(found.images, copies)
    images["row"] += np.repeat(np.arange(copies, dtype=np.int32) * rows, len(found.images))
    many = dataclasses.replace(found, images=images)
    return selection.select(plan, many, 0, selection.ClassRules(10**9, 1))


def _verifying(
    written: tuple[shards.Shard, ...], made: _stage.Fields, chosen: selection.Selection, rounds: int
) -> None:
    """Checks the shards with one thread, as `cytoimagenet verify` does, and only decodes them."""
    from etils import epath

    from cytoimagenet_tfds.build import reread, verify

    checker = verify.checker_of(features.features(labelled=True, classes=chosen.classes))
    files = [reread.File(one.split, epath.Path(made.out) / one.file, one) for one in written]
    pngs = _pngs(files)

    def pure() -> None:
        for png in pngs:
            images.decode_png(png)

    def check() -> None:
        problems = reread.Problems()
        read = reread.read(files, "array_record", checker, 1, problems)
        if len(read) != len(pngs) or problems.found:
            raise errors.BuildError(f"{len(read)} of {len(pngs)} records; {problems.found}")

    rates = _stage.rates(len(pngs), rounds, pure, check)
    print(f"{rates['pure']:10,.0f} images/s  decoding alone, one core")
    print(f"{rates['check']:10,.0f} images/s  verify, one core, "
          f"{rates['check'] / rates['pure']:.0%} of decoding alone", flush=True)  # fmt: skip


def _pngs(files: list[reread.File]) -> list[bytes]:
    from tensorflow_datasets.proto import tf_example_pb2

    from cytoimagenet_tfds.build import records

    stored = [record for file in files for record in records.read(file.path, "array_record")]
    parsed = map(tf_example_pb2.Example.FromString, stored)
    return [one.features.feature["image"].bytes_list.value[0] for one in parsed]
