"""`cytoimagenet fetch`: the raw data of sources, resumed, checked and recorded."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from typing import Any

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.fetch import http, jobs, place
from cytoimagenet_tfds.fetch import run as runner

DEFAULT_MANUAL_DIR = "~/tensorflow_datasets/downloads/manual"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.epilog = (
        "Stopped in any way, the same command goes on where it was. Sizes and checksums are "
        "recorded in cytoimagenet.lock.json beside the files, and checked ever after. "
        "`cytoimagenet sources` lists names, sizes and licences."
    )
    add = parser.add_argument
    add("sources", nargs="+", metavar="SOURCE", help="its dir_name, for example bbbc006")
    add("--to", default=DEFAULT_MANUAL_DIR, metavar="FOLDER",
        help="manual_dir, gs://... or s3://...; the source gets a folder of its name in it "
        "(default: %(default)s)")  # fmt: skip
    add("--only", default="*", metavar="PATTERN",
        help="only files whose path fits a shell pattern, for trials: '*/Plate1/*'")  # fmt: skip
    add("--limit", type=int, metavar="N", help="at most N files, for trials")
    add("--all", action="store_true", help="masks, features and other files no row is made of, too")
    add("--connections", type=int, default=4, metavar="N",
        help="connections at a time to one server (default: %(default)s)")  # fmt: skip
    add("--accept-licence", action="store_true",
        help="acknowledge a licence that forbids commercial use")  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="only print what would be fetched")
    instead.add_argument("--verify", action="store_true",
        help="only compare what is there with its record")  # fmt: skip
    instead.add_argument("--unpack", action="store_true",
        help="only make a .tar, read where it lies, of each .tar.gz that is there")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Works on one source after the other; one that fails does not keep the others waiting."""
    wanted = [sources.get(name) for name in dict.fromkeys(args.sources)]
    base = args.to if "://" in args.to else os.path.expanduser(args.to)
    failed = []
    for source in wanted:
        try:
            whole = _run_one(args, source, f"{base.rstrip('/')}/{source.dir_name}")
        except errors.CytoImageNetError as error:
            if len(wanted) == 1:
                raise
            print(f"{source.dir_name}: {error}", file=sys.stderr)
            whole = False
        failed += [] if whole else [source.dir_name]
    if len(wanted) > 1:
        done = f"{len(wanted) - len(failed)} of {len(wanted)} sources are done"
        print(f"{done}; not {', '.join(failed)}." if failed else f"{done}.")
    return 1 if failed else 0


def _run_one(args: argparse.Namespace, source: sources.Source, folder: str) -> bool:
    if args.verify or args.unpack:
        if "://" in folder or not os.path.isdir(folder):
            raise errors.FetchError(f"There is no folder {folder} on the disk.")
        return _verify(source, folder) if args.verify else _unpack(source, folder)
    print(licence_line(source))
    if args.list:
        return _list(args, source, folder)
    runner.check_licence(source, args.accept_licence)
    _fetch(args, source, folder)
    return True


def build_command(source: sources.Source, manual_dir: str) -> str:
    """Returns the command that builds a source from what lies below `manual_dir`."""
    option = "" if manual_dir == DEFAULT_MANUAL_DIR else f" --manual_dir={shlex.quote(manual_dir)}"
    builder = sources.builder(source.dir_name)
    return f"cytoimagenet build {builder}/{source.dir_name}{option}"


def licence_line(source: sources.Source) -> str:
    """Returns what a person has to know of the licence before anything is fetched."""
    if source.licence == "unknown":
        return f"{source.name}: no licence was found; read or ask at {source.licence_page}"
    return f"{source.name}: licence {source.licence}, see {source.licence_page}"


def _verify(source: sources.Source, folder: str) -> bool:
    problems = runner.verify(folder)
    for problem in problems:
        print(f"{source.dir_name}: {problem}")
    total = len(runner.recorded(folder))
    state = f"{len(problems)} of {total} recorded files are wrong" if problems else (
        f"all {total} recorded files are whole" if total else "no file is recorded there"
    )  # fmt: skip
    print(f"{source.dir_name}: {state}")
    return not problems


def _unpack(source: sources.Source, folder: str) -> bool:
    for name in runner.unpack_all(folder):
        print(f"{source.dir_name}: {name}")
    return True


def _list(args: argparse.Namespace, source: sources.Source, folder: str) -> bool:
    client = http.Client(http.Settings(connections=args.connections))
    found = jobs.files(source, client, folder=folder, only=args.only, limit=args.limit,
                       everything=args.all)  # fmt: skip
    for job in found:
        print(f"{folder}/{job.name}  {job.url}")
    for page in runner.kaggle_pages(source, args.all):
        print(f"{folder}/...  {page}")
    return True


def _fetch(args: argparse.Namespace, source: sources.Source, folder: str) -> None:
    """Fetches and prints what to do next."""
    client = http.Client(http.Settings(connections=args.connections))
    with _Bars() as bars:
        done = runner.fetch_web(
            source, folder, client, only=args.only, limit=args.limit, everything=args.all,
            begin=bars.begin,
        )  # fmt: skip
    done += runner.fetch_kaggle(source, folder, everything=args.all)
    if not done:
        raise errors.FetchError(
            f"{source.dir_name} has no address to fetch from.\n{source.manual}\n{source.homepage}"
        )
    print(f"{source.dir_name}: {len(done):,} {'file is' if len(done) == 1 else 'files are'} in "
          f"{folder}, whole and recorded.")  # fmt: skip
    print(f"Next: {build_command(source, args.to)}")
    if source.manual:
        print(f"Zip and tar are read where they lie. Unpacked by hand: {source.manual}")


class _Bars:
    """A bar for the file that is coming; one goes when the next begins."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def begin(self, job: jobs.Job) -> place.Progress:
        """Closes the bar of the file before and begins the next."""
        import tqdm

        self.__exit__()
        self._bar = tqdm.tqdm(desc=job.name, total=job.size, unit="B", unit_scale=True, leave=False)
        return self._update

    def _update(self, count: int) -> None:
        self._bar.update(count)
