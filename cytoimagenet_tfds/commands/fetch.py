"""`cytoimagenet fetch`: the raw data of a source, resumed, checked and recorded."""

from __future__ import annotations

import argparse
import contextlib
import os

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.fetch import http, jobs
from cytoimagenet_tfds.fetch import run as runner

DEFAULT_MANUAL_DIR = "~/tensorflow_datasets/downloads/manual"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add = parser.add_argument
    add("source", help="dir_name of the source, for example bbbc006")
    add("--to", default=DEFAULT_MANUAL_DIR, metavar="FOLDER",
        help="manual_dir, gs://... or s3://...; the source gets a folder of its name in it "
        "(default: %(default)s)")  # fmt: skip
    add("--only", default="*", metavar="PATTERN", help="shell pattern over file paths, for trials")
    add("--limit", type=int, metavar="N", help="at most N files, for trials")
    add("--all", action="store_true", help="masks, features and other files no row is made of, too")
    add("--connections", type=int, default=4, help="connections at a time (default: %(default)s)")
    add("--accept-licence", action="store_true",
        help="acknowledge a licence that forbids commercial use")  # fmt: skip
    add("--verify", action="store_true", help="only compare what is there with its record")


def run_verify(name: str, folder: str) -> int:
    """Prints what differs from the record; returns 1 where anything does."""
    problems = runner.verify(folder)
    for problem in problems:
        print(f"{name}: {problem}")
    print(f"{name}: {'all recorded files are whole' if not problems else f'{len(problems)} wrong'}")
    return 1 if problems else 0


def run_fetch(args: argparse.Namespace, source: sources.Source, folder: str) -> None:
    """Fetches and prints what to do next."""
    import tqdm

    settings = http.Settings(connections=args.connections)
    with contextlib.ExitStack() as bars:

        def begin(job: jobs.Job) -> runner.Progress:
            bar = tqdm.tqdm(desc=job.name, total=job.size, unit="B", unit_scale=True)
            bars.callback(bar.close)

            def update(count: int) -> None:
                bar.update(count)

            return update

        done = runner.fetch_web(
            source, folder, http.Client(settings), only=args.only, limit=args.limit,
            everything=args.all, begin=begin,
        )  # fmt: skip
    done += runner.fetch_kaggle(source, folder, everything=args.all)
    if not done:
        raise errors.FetchError(
            f"{source.dir_name} has no address to fetch from.\n{source.manual}\n{source.homepage}"
        )
    print(f"{len(done)} files are in {folder}.")
    if source.manual:
        print(f"Next: {source.manual}")


def run(args: argparse.Namespace) -> int:
    """Shows the licence, then fetches or verifies."""
    source = sources.get(args.source)
    base = args.to if "://" in args.to else os.path.expanduser(args.to)
    folder = f"{base.rstrip('/')}/{source.dir_name}"
    if args.verify:
        return run_verify(source.dir_name, folder)
    print(f"{source.name}: licence {source.licence}, see {source.licence_page}")
    runner.check_licence(source, args.accept_licence)
    run_fetch(args, source, folder)
    return 0
