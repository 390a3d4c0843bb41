"""One source from its origins to a folder or an object store, every file recorded and checked."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from etils import epath

from cytoimagenet_tfds import errors, paths
from cytoimagenet_tfds.fetch import jobs, kaggle, numbered, transfer, unpack
from cytoimagenet_tfds.fetch import place as place_module
from cytoimagenet_tfds.fetch.http import Client
from cytoimagenet_tfds.fetch.lock import Lock
from cytoimagenet_tfds.sources.base import Source


def is_non_commercial(source: Source) -> bool:
    """True where the licence forbids commercial use, by its SPDX identifier."""
    return "-NC" in source.licence.upper()


def check_licence(source: Source, accepted: bool) -> None:
    """Raises FetchError where a non-commercial licence was not acknowledged."""
    if is_non_commercial(source) and not accepted:
        raise errors.FetchError(
            f"{source.dir_name} is under {source.licence}: no commercial use. Read "
            f"{source.licence_page}, then run the command again with --accept-licence."
        )


def how_to_get(source: Source, to: str | os.PathLike[str] = "") -> str:
    """Returns the command that fetches a source into `to`, or where to get it by hand."""
    accept = " --accept-licence" if is_non_commercial(source) else ""
    folder = f" --to={shlex.quote(os.fspath(to))}" if os.fspath(to) else ""
    if jobs.wanted(source, everything=False):
        return f"cytoimagenet fetch {source.dir_name}{accept}{folder}"
    return f"by hand: {source.homepage}"


def fetch_web(
    source: Source,
    folder: str,
    client: Client,
    *,
    only: str = "*",
    limit: int | None = None,
    everything: bool = False,
    begin: Callable[[jobs.Job], place_module.Progress] = lambda job: lambda count: None,
) -> list[str]:
    """Fetches the files of a source that plain web servers offer.

    Args:
      source: the declaration.
      folder: where they come to lie: a local folder, `gs://...`, `s3://...`.
      client: connections and patience.
      only, limit, everything: which files, see `jobs.files`.
      begin: called per file, returns the function that is told how many bytes came.

    Returns:
      The paths, relative to `folder`, of the files that are now there and checked.

    Raises:
      FetchError: a file cannot be had, or differs from its record; files before it are kept.
    """
    paths.require_client(folder)
    try:
        with paths.failures_of(folder):
            wanted = jobs.files(
                source, client, folder=folder, only=only, limit=limit, everything=everything
            )
            if not wanted:
                return []
            epath.Path(folder).mkdir(parents=True, exist_ok=True)
            place = place_module.Place(folder, client, begin)
            names = [name for job in wanted if (name := place.bring(job))]
            if only == "*" and limit is None:
                _check_counts(source, folder, wanted, names)
    except OSError as error:
        raise errors.FetchError(transfer.disk_message(folder, error)) from error
    return names


def _check_counts(
    source: Source, folder: str, wanted: Sequence[jobs.Job], names: Sequence[str]
) -> None:
    there = set(names)
    asked = {job.name: job.numbered for job in wanted if job.numbered is not None}
    for download in source.downloads:
        if download in asked.values():
            found = sum(asked[name] == download for name in sorted(there & asked.keys()))
            numbered.check_count(source, download, folder, found)


def kaggle_pages(source: Source, everything: bool) -> list[str]:
    """Returns the pages of a source that Kaggle gives out."""
    return [d.url for d in jobs.wanted(source, everything) if jobs.is_kaggle(d)]


def fetch_kaggle(source: Source, folder: str, *, everything: bool = False) -> list[str]:
    """Fetches what Kaggle offers of a source; returns the pages. See `kaggle.download`."""
    pages = kaggle_pages(source, everything)
    if pages and "://" in folder:
        raise errors.FetchError(
            f"Kaggle gives {source.dir_name} to a local folder only: fetch it there and copy it."
        )
    for page in pages:
        kaggle.download(page, Path(folder))
    return pages


def missing(source: Source, folder: str) -> list[str]:
    """Returns the declared files that are neither in a folder nor unpacked in it.

    Where none of them can be made out, the folder has another layout than the download, and
    nothing is said to be missing.
    """
    wanted = [d for d in jobs.wanted(source, everything=False) if not jobs.is_kaggle(d)]
    if any(download.url.endswith("/") or download.numbers for download in wanted):
        return []
    there = {entry.name.lower() for entry in epath.Path(folder).iterdir()}
    names = [jobs.file_name(download) for download in wanted]
    absent = [name for name in names if not there & _forms(name)]
    return absent if len(absent) < len(names) else []


def _forms(name: str) -> set[str]:
    """Returns how a download may lie there: as it came, as `.tar`, or as a folder."""
    stored = unpack.stored_name(name)
    return {name.lower(), stored.lower(), stored.lower().rpartition(".")[0]}


def recorded(folder: str | os.PathLike[str]) -> list[str]:
    """Returns the files that were fetched into a folder, sorted."""
    return Lock(folder).names()


def unpack_all(folder: str) -> list[str]:
    """Makes a `.tar` of every `.tar.gz` in a local folder; returns the new files.

    Raises:
      FetchError: an archive is damaged, or the disk cannot be written; what is done stays.
    """
    lock, done = Lock(folder), []
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not unpack.is_packed(name):
            continue
        try:
            place_module.unpack_one(Path(folder), name, lock)
        except OSError as error:
            raise errors.FetchError(transfer.disk_message(path, error)) from error
        done.append(unpack.stored_name(name))
    return done


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """Compares every recorded local file with its size and SHA-256; returns what differs."""
    lock = Lock(folder)
    problems = []
    for name in lock.names():
        path, recorded = Path(folder) / name, lock.get(name)
        if recorded is None or not path.is_file():
            problems.append(f"{name} is recorded and not there")
        elif path.stat().st_size != recorded.size:
            problems.append(f"{name} has {path.stat().st_size:,} bytes, recorded {recorded.size:,}")
        elif transfer.file_sha256(path) != recorded.sha256:
            problems.append(f"{name} has other content than recorded")
    return problems
