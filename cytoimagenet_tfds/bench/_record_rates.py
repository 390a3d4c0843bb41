"""Assembling and verifying records, one process."""

from __future__ import annotations

import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.bench import _stage
from cytoimagenet_tfds.build import assemble, features, selection, shards
from cytoimagenet_tfds.build.work import WorkFolder


def measure(made: _stage.Fields, rounds: int, copies: int = 40) -> None:
    """Assembling and verifying records of the last format, one process."""
    lines = made.lines()
    chosen = selection.select(made.plan, lines, 0, selection.ClassRules(10**9, 1))
    many = pd.concat([chosen.images] * copies, ignore_index=True)
    many["key"] = [f"{key}#{number}" for number, key in enumerate(many["key"])]
    chosen = selection.Selection(many, chosen.classes, {})
    work = WorkFolder(str(made.out / "work"))
    assembly = assemble.prepare(chosen, work, _stage.Sharding())
    step = assemble.WriteShard(
        work, assembly.digest, chosen.classes, "array_record", made.templates()
    )

    def write() -> None:
        for shard in assembly.shards:
            step(shard)

    write()  # imports what it needs
    rate = _stage.rates(len(many), rounds, write)["write"]
    print(f"{rate:10,.0f} records/s  assemble, one core, "
          f"{many['length'].mean() / 1000:.0f} kB each")  # fmt: skip
    _verifying(shards.collect(work, assembly.digest, assembly.shards), made, chosen, rounds)


def _verifying(
    written: tuple[shards.Shard, ...], made: _stage.Fields, chosen: selection.Selection, rounds: int
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

    rates = _stage.rates(len(pngs), rounds, pure, check)
    print(f"{rates['pure']:10,.0f} images/s  decoding alone, one core")
    print(f"{rates['check']:10,.0f} images/s  verify, one core, "
          f"{rates['check'] / rates['pure']:.0%} of decoding alone")  # fmt: skip
