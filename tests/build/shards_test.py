"""Final shards: what an earlier run left never stands for one that was not written."""

from __future__ import annotations

import threading

import plans
import pytest
from etils import epath

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.build import (
    assemble,
    chunks,
    division,
    layout,
    procedure,
    records,
    render,
    rendered,
    selection,
    shards,
    work,
)


class Template:
    """Names the files of a split, as TFDS' template does."""

    def __init__(self, folder):
        self.folder = folder

    def sharded_filepath(self, *, shard_index, num_shards):
        return self.folder / f"train-{shard_index:05d}-of-{num_shards:05d}"


class Sharding:
    @staticmethod
    def get_number_shards(size, count):
        return 2


@pytest.fixture
def prepared(tmp_path):
    """The function that prepares the shards of six rendered images: (assembly, step)."""
    plan = plans.folder(tmp_path / "raw", 6)
    folder = work.WorkFolder(str(tmp_path / "work"))
    folder.chunks.mkdir(parents=True)
    divided = division.divide(plan, 3, "pixels")
    division.write(divided, folder)
    step = render.RenderChunk(
        folder, divided.digest, {"toy": str(tmp_path / "raw")}, images.PixelSettings()
    )
    for number in range(len(divided.names)):
        step(number)
    chosen = selection.select(plan, rendered.read(folder.chunks, divided), 0, None)
    data = epath.Path(tmp_path / "data")
    data.mkdir()

    def prepare(read=chunks.Images):
        assembly = assemble.prepare(chosen, folder, Sharding())
        return assembly, assemble.WriteShard(
            folder, assembly.digest, None, "array_record", {"train": Template(data)},
            layout.SchemaLayout(), read,
        )  # fmt: skip

    return prepare


def test_notes_of_a_build_that_was_killed_do_not_count(prepared):
    assembly, step = prepared()
    for name in assembly.shards:
        step(name)
    assert len(shards.collect(step.work, assembly.digest, assembly.shards)) == 2
    again, step = prepared()
    assert again == assembly
    step(again.shards[0])
    with pytest.raises(errors.BuildError, match="train, shard 1 of 2, was not written"):
        shards.collect(step.work, again.digest, again.shards)


class _Interrupted(chunks.Images):
    """Writes the shard once more, to its end, while it is being written."""

    inner = None

    def __call__(self, place):
        if self.inner is not None:
            step, name = self.inner
            type(self).inner = None
            worker = threading.Thread(target=step, args=[name])
            worker.start()
            worker.join()
        return super().__call__(place)


def test_two_workers_may_write_one_shard_at_once(prepared):
    assembly, step = prepared(_Interrupted)
    name = assembly.shards[0]
    _Interrupted.inner = (step, name)
    step(name)
    step(assembly.shards[1])
    written = shards.collect(step.work, assembly.digest, assembly.shards)
    folder = step.templates["train"].folder
    assert sorted(path.name for path in folder.iterdir()) == [shard.file for shard in written]
    for shard in written:
        assert shards.measure(folder / shard.file) == (shard.bytes, shard.crc32)
        assert len(list(records.read(folder / shard.file, "array_record"))) == shard.examples == 3


def test_a_worker_that_fails_over_a_shard_leaves_nothing(prepared):
    assembly, step = prepared()
    for path in step.work.chunks.glob("*.bin"):
        path.write_bytes(bytes(path.stat().length))
    with pytest.raises(errors.BuildError, match="is damaged"):
        step(assembly.shards[0])
    assert list(step.templates["train"].folder.iterdir()) == []


class _Refusing(chunks.Images):
    """Finds an image that cannot be used in the second shard."""

    def __call__(self, place):
        if place.key == self.refused:
            raise errors.ImageError("truncated", f"{place.key} breaks off.")
        return super().__call__(place)

    def __init__(self, folder):
        super().__init__(folder)
        self.taken = []

    def took(self, place, image):
        self.taken.append([place.key, len(image)])

    def notes(self):
        return {"taken": self.taken}


def test_an_image_that_cannot_be_used_ends_the_writing(prepared):
    assembly, step = prepared(_Refusing)
    _Refusing.refused = ""
    first, second = assembly.shards
    assert [key for key, _ in _examples(step, first)] != []
    _Refusing.refused = next(key for key, _ in _examples(step, second))
    assert step(first)[1:] == (3, {"shards": 1, "examples": 3})
    assert step(second) == (second, 0, {})
    assert [path.name for path in step.templates["train"].folder.iterdir()] == [
        "train-00000-of-00002"
    ]
    assert step(first) == (first, 0, {})  # nothing more is worth writing
    with pytest.raises(errors.ImageError, match="breaks off") as raised:
        shards.collect(step.work, assembly.digest, assembly.shards)
    assert raised.value.reason == "truncated"

    _Refusing.refused = ""
    again, step = prepared(_Refusing)
    assert [step(name)[1] for name in again.shards] == [3, 3]
    assert len(shards.collect(step.work, again.digest, again.shards)) == 2
    taken = [note["taken"] for note in shards.noted(step.work, again.digest, again.shards)]
    written = [_examples(step, shard) for shard in again.shards]
    assert [[key for key, _ in part] for part in taken] == [[k for k, _ in w] for w in written]
    assert all(0 < size < 2000 for part in taken for _, size in part)


def _examples(step, shard):
    with step.read(step.work.chunks) as read:
        return list(step.examples(shard, read))


class _Late(_Refusing):
    """Is told of an image that cannot be used, in another shard, when it has written its own."""

    step = None
    refused = ""

    def notes(self):
        shards.refuse(self.step.work, self.step.digest, errors.ImageError("truncated", "It ends."))
        return super().notes()


def test_a_worker_that_comes_late_publishes_nothing(prepared):
    assembly, step = prepared(_Late)
    _Late.step = step
    assert step(assembly.shards[0]) == (assembly.shards[0], 0, {})
    assert list(step.templates["train"].folder.iterdir()) == []


def test_a_shard_that_was_written_once_more_is_found(prepared):
    assembly, step = prepared()
    for name in assembly.shards:
        step(name)
    written = shards.collect(step.work, assembly.digest, assembly.shards)
    paths = [step.target(name) for name in assembly.shards]
    procedure._check_lengths(paths, written)
    paths[1].write_bytes(b"other")
    paths[0].unlink()
    with pytest.raises(errors.BuildError, match="train-00001-of-00002 has 5 bytes, ") as raised:
        procedure._check_lengths(paths, written)
    assert "train-00000-of-00002 has 0 bytes, " in str(raised.value)
