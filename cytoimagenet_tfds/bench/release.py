"""The build of the published archive, against copying its bytes with every PNG decoded.

cytoimagenet bench release                          24,000 made-up images in a zip, 1.3 GB
cytoimagenet bench release --images 6000            fewer of them
cytoimagenet bench release --rounds 3               copying and building in turn, the fastest count
cytoimagenet bench release --engine processes       worker processes instead of threads
cytoimagenet bench release --unpacked               from a folder instead of a zip
cytoimagenet bench release --memory 50000           memory of builds of so many tiny images, and of
                                                    a tenth of them
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent import futures
from pathlib import Path

import cv2
import numpy as np

from cytoimagenet_tfds import archives, files, images, schema

_CLASSES = 24
_PER_SHARD = 1000  # images; of the 890,737 published ones 64 MB are not many more
_TINY = 8  # pixels on a side

Measured = dict[str, float]  # seconds by the clock, seconds of processors, peak of memory

_HEADER = "label,category,database,name,dir_name,path,filename,idx,cell_type,crop,scaling,"
_BOUNDS = "x_min,x_max,y_min,y_max"
_EMPTY = "organism,cell_visible,phenotype,compound,sirna,gene,microscopy"

# Processes of their own: the peak of memory is that of the build (and of nothing that this process
# held when it started the build, which Linux counts as well), and copying begins, as building
# does, some time after the files before were removed. A virtual machine may give their memory back
# until then, and pays for it at the first write.
_MAKE = """
import sys
from pathlib import Path
from cytoimagenet_tfds.bench import release
release.make(Path(sys.argv[1]), *map(int, sys.argv[2:]))
print("{}")
"""
_COPY = """
import json, sys
from pathlib import Path
from cytoimagenet_tfds.bench import release
print(json.dumps(release.copy(*map(Path, sys.argv[1:]))))
"""
_BUILD = """
import json, resource, sys, time
import cytoimagenet_tfds, tensorflow_datasets as tfds
from apache_beam.options.pipeline_options import PipelineOptions
manual_dir, data_dir, file_format, engine, shards = sys.argv[1:]
flags = ["--cyto_allow_differences", "--cyto_engine=" + engine]
builder = tfds.builder(
    "cytoimagenet/release", data_dir=data_dir, file_format=file_format)
config = tfds.download.DownloadConfig(
    manual_dir=manual_dir, beam_options=PipelineOptions(flags=flags), num_shards=int(shards))
def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both), max(one.ru_maxrss for one in both)
start, before = time.perf_counter(), used()[0]
builder.download_and_prepare(download_config=config)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "processor": used()[0] - before, "peak": used()[1] * 1024}))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--images", type=int, default=24_000, help="images of the archive")
    parser.add_argument("--side", type=int, default=280, help="pixels on a side")
    parser.add_argument("--file_format", default="tfrecord", help="as in cytoimagenet build")
    parser.add_argument("--engine", default="threads", choices=["threads", "processes"])
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of so many counts")
    parser.add_argument("--memory", type=int, default=0, help="measure memory alone, of so many")
    parser.add_argument("--unpacked", action="store_true", help="from a folder, not from a zip")


def run(args: argparse.Namespace) -> int:
    """Prints images and bytes per second of both, their ratio, and the peak of memory."""
    with tempfile.TemporaryDirectory() as folder:
        return _memory(Path(folder), args) if args.memory else _speed(Path(folder), args)


def _speed(root: Path, args: argparse.Namespace) -> int:
    sizes = (args.images // 4, args.images)
    _make_all(root, sizes, args.side)
    archive = root / str(args.images) / "archive.zip"
    total = archive.stat().st_size
    each = total / args.images / 1e3
    where = "a folder" if args.unpacked else "a zip"
    print(f"{args.images:,} images of {args.side} x {args.side}, {each:.0f} kB each, in {where}; "
          f"{os.cpu_count()} processors, {args.engine}")  # fmt: skip
    if args.unpacked:
        _unpack_all(root, sizes)
    source = archive.parent if args.unpacked else archive
    rounds = [
        (_copied(source, root / "copied"), *(_build(root, count, args) for count in sizes))
        for _ in range(args.rounds)
    ]
    copied, small, built = map(_best, zip(*rounds, strict=True))
    _say("copied, every PNG decoded", copied, args.images, total)
    _say("build, every PNG checked", built, args.images, total)
    # What starting costs is the same for 890,737 images.
    rest = {k: (built[k] - small[k]) / (1 - sizes[0] / args.images) for k in copied}
    _say("the same without its start", rest, args.images, total)
    clock, processor = (copied[k] / rest[k] for k in ("seconds", "processor"))
    start = {k: built[k] - rest[k] for k in rest}
    print(f"Without its start ({start['seconds']:.1f} s by the clock, {start['processor']:.1f} s "
          f"of processors) the build runs at {clock:.0%} of copying by the clock, {processor:.0%} "
          f"by processor time. Peak of memory: {built['peak'] / 1e6:,.0f} MB.")  # fmt: skip
    return 0


def _memory(root: Path, args: argparse.Namespace) -> int:
    sizes = (args.memory // 10, args.memory)
    _make_all(root, sizes, _TINY)
    if args.unpacked:
        _unpack_all(root, sizes)
    peaks = [_build(root, count, args)["peak"] for count in sizes]
    for count, peak in zip(sizes, peaks, strict=True):
        print(f"{count:>9,} images: {peak / 1e6:,.0f} MB at most", flush=True)
    growth = (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])
    print(f"{growth:,.0f} bytes per row of metadata.csv, {peaks[1] / peaks[0] - 1:+.0%}")
    return 0


def _make_all(root: Path, sizes: Sequence[int], side: int) -> None:
    for count in sizes:
        (root / str(count)).mkdir()
        _apart(_MAKE, str(root / str(count) / "archive.zip"), str(count), str(side))


def make(path: Path, count: int, side: int) -> None:
    """Writes a made-up archive: smooth noise, of which every image shows another part."""
    rng = np.random.Generator(np.random.PCG64(0))
    across = 16 * side  # so many that hardly any two images are the same
    noise = rng.integers(0, 256, (across, across), np.uint8)
    field = cv2.GaussianBlur(noise, (0, 0), 1.2)
    lines = [f"{_HEADER}{_BOUNDS},{_EMPTY}"]
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            label = f"class {number % _CLASSES}"
            folder = schema.folder_name(label)
            name = schema.file_name(folder, number // _CLASSES, count // _CLASSES + 1)
            y, x = rng.integers(0, across - side, 2)
            png = images.encode_png(np.ascontiguousarray(field[y : y + side, x : x + side]))
            archive.writestr(f"cytoimagenet/{folder}/{name}", png)
            lines.append(
                f"{label},cell_type,Kaggle,made up,kag_made_up,cytoimagenet/{folder},{name},"
                f"kag_made_up-{number},{label},False,1.0,,,,,,,,,,,"
            )
        archive.writestr("metadata.csv", "\n".join(lines))


def _unpack_all(root: Path, sizes: Sequence[int]) -> None:
    for count in sizes:
        unpack(root / str(count) / "archive.zip")


def unpack(path: Path) -> None:
    """Puts the files of an archive beside it, and removes it."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent)
    path.unlink()


def copy(archive: Path, target: Path) -> Measured:
    """Copies the images of an archive or a folder and decodes each, on all processors."""
    start, before = time.perf_counter(), time.process_time()
    root, references = _listed(archive)
    workers = os.cpu_count() or 1

    def work(number: int) -> None:
        with (target.parent / f"{target.name}-{number}").open("wb") as sink:
            for reference in references[number::workers]:
                data = files.read_bytes(root, reference)
                images.decode_png(data)
                sink.write(data)

    with futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    return {
        "seconds": time.perf_counter() - start, "processor": time.process_time() - before,
    }  # fmt: skip


def _listed(archive: Path) -> tuple[str, list[files.FileRef]]:
    if archive.is_dir():
        paths = (path.relative_to(archive) for path in sorted(archive.rglob("*.png")))
        return str(archive), [files.FileRef(path.as_posix()) for path in paths]
    members = [span for name, span in archives.index(archive).items() if name.endswith(".png")]
    references = [files.FileRef(f"{archive.name}/member", span=span) for span in members]
    return str(archive.parent), references


def _copied(archive: Path, folder: Path) -> Measured:
    folder.mkdir()
    measured = _apart(_COPY, str(archive), str(folder / "part"))
    shutil.rmtree(folder)
    return measured


def _build(root: Path, count: int, args: argparse.Namespace) -> Measured:
    target = root / "data"
    measured = _apart(
        _BUILD, str(root / str(count)), str(target), args.file_format, args.engine,
        str(max(1, count // _PER_SHARD)),
    )  # fmt: skip
    shutil.rmtree(target)
    return measured


def _apart(program: str, *arguments: str) -> Measured:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"It failed:\n{done.stderr[-4000:]}")
    result: Measured = json.loads(done.stdout.splitlines()[-1])
    return result


def _best(rounds: Sequence[Measured]) -> Measured:
    return {name: min(one[name] for one in rounds) for name in rounds[0]}


def _say(what: str, spent: Measured, count: int, size: int) -> None:
    seconds = spent["seconds"]
    print(f"{count / seconds:10,.0f} images/s {size / seconds / 1e6:6,.0f} MB/s "
          f"{spent['processor'] / count * 1e3:6.2f} ms of a processor per image  {what}",
          flush=True)  # fmt: skip
