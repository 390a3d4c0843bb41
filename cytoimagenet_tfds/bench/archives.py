"""A zip of a million members: reading its directory once, then single images by ranges.

cytoimagenet bench archives                      a million members of 100 bytes, 1,000 reads
cytoimagenet bench archives --members=100000
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
import zipfile
from pathlib import Path

from cytoimagenet_tfds import archives


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--members", type=int, default=1_000_000, help="members of the zip")
    parser.add_argument("--reads", type=int, default=1000, help="random members to read")


def run(args: argparse.Namespace) -> int:
    """Prints the seconds of each step and the highest memory so far."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.zip"
        start = time.perf_counter()
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(args.members):
                name = f"images/HUVEC-1/Plate{number % 50}/A{number}_s1_w1.png"
                archive.writestr(zipfile.ZipInfo(name), b"x" * 100)
        _say(f"make {args.members:,} members", start)
        start = time.perf_counter()
        found = archives.index(path)
        _say("read the directory", start)
        chosen = random.Random(0).sample(list(found), min(args.reads, len(found)))
        start = time.perf_counter()
        for name in chosen:
            archives.read(path, found[name])
        _say(f"read {len(chosen):,} members", start)
    return 0


def _say(what: str, start: float) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what}: {time.perf_counter() - start:.2f} s, at most {memory:.2f} GB so far")
