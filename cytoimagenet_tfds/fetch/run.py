"""One source from its origins to a folder or an object store, every file recorded and checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from etils import epath

from cytoimagenet_tfds import errors, paths
from cytoimagenet_tfds.fetch import jobs, kaggle, stage, transfer
from cytoimagenet_tfds.fetch.http import Client
from cytoimagenet_tfds.fetch.lock import Lock
from cytoimagenet_tfds.sources.base import Source

Progress = Callable[[int], None]


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


def how_to_get(source: Source) -> str:
    """Returns the command that fetches a source, or where to get it by hand."""
    accept = " --accept-licence" if is_non_commercial(source) else ""
    if jobs.wanted(source, everything=False):
        return f"cytoimagenet fetch {source.dir_name}{accept}"
    return f"by hand: {source.homepage}"


def fetch_web(
    source: Source,
    folder: str,
    client: Client,
    *,
    only: str = "*",
    limit: int | None = None,
    everything: bool = False,
    begin: Callable[[jobs.Job], Progress] = lambda job: lambda count: None,
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
    wanted = jobs.files(source, client, only=only, limit=limit, everything=everything)
    try:
        with paths.failures_of(folder):
            epath.Path(folder).mkdir(parents=True, exist_ok=True)
            lock = Lock(folder)
            for job in wanted:
                _fetch_one(job, folder, lock, client, begin)
    except OSError as error:
        raise errors.FetchError(transfer.disk_message(folder, error)) from error
    return [job.name for job in wanted]


def _fetch_one(
    job: jobs.Job, folder: str, lock: Lock, client: Client, begin: Callable[[jobs.Job], Progress]
) -> None:
    """Fetches and records a file, unless it is there as recorded."""
    recorded = lock.get(job.name)
    target = f"{folder.rstrip('/')}/{job.name}"
    if recorded and _is_there(target, recorded):
        return
    sha256 = job.sha256 or (recorded.sha256 if recorded else None)
    count = begin(job)
    if "://" in folder:
        fetched = stage.copy(job.url, target, client, size=job.size, sha256=sha256, progress=count)
    else:
        fetched = transfer.download(
            job.url, Path(target), client, size=job.size, sha256=sha256, progress=count
        )
    lock.add(job.name, fetched)


def fetch_kaggle(source: Source, folder: str, *, everything: bool = False) -> list[str]:
    """Fetches what Kaggle offers of a source; returns the pages. See `kaggle.download`."""
    pages = [d.url for d in jobs.wanted(source, everything) if jobs.is_kaggle(d)]
    if pages and "://" in folder:
        raise errors.FetchError(
            f"Kaggle gives {source.dir_name} to a local folder only: fetch it there and copy it."
        )
    for page in pages:
        kaggle.download(page, Path(folder))
    return pages


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


def _is_there(target: str, recorded: transfer.Fetched) -> bool:
    path = epath.Path(target)
    return bool(path.exists() and path.stat().length == recorded.size)
