"""One file after the other into its folder: fetched, checked, unpacked, recorded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import jobs, numbered, stage, transfer, unpack
from cytoimagenet_tfds.fetch.http import Client
from cytoimagenet_tfds.fetch.lock import Lock
from cytoimagenet_tfds.sources.base import Download

Progress = Callable[[int], None]


class Place:
    """A folder, on the disk or in an object store, that files come to.

    Args:
      folder: the folder of a source.
      client: connections and patience.
      begin: called per file, returns the function that is told how many bytes came.
    """

    def __init__(self, folder: str, client: Client, begin: Callable[[jobs.Job], Progress]) -> None:
        self._folder = folder.rstrip("/")
        self._client = client
        self._begin = begin
        self._lock = Lock(folder)

    def bring(self, job: jobs.Job) -> str:
        """Fetches a file unless it is there as recorded; returns its name, '' for an absent one.

        Raises:
          FetchError: it cannot be had, or is not what it should be.
        """
        name = unpack.stored_name(job.name)
        recorded = self._lock.get(name)
        if not (recorded and self._is_there(name, recorded)):
            if job.numbered is not None and not self._bring_numbered(job, job.numbered):
                return ""
            if job.numbered is None:
                self._bring(job, name)
        elif name != job.name and "://" not in self._folder:
            _forget(Path(self._folder), job.name, self._lock)  # killed before it was removed
        return name

    def _bring(self, job: jobs.Job, name: str) -> None:
        earlier = self._lock.get(name)
        known = (earlier.packed_sha256 or earlier.sha256) if earlier else None
        sha256 = job.sha256 or known
        if "://" in self._folder:
            fetched = stage.copy(
                job.url, f"{self._folder}/{name}", self._client, size=job.size, sha256=sha256,
                progress=self._begin(job), packed=name != job.name,
            )  # fmt: skip
            self._lock.add(name, fetched)
            return
        packed = self._lock.get(job.name)
        if not (packed and self._is_there(job.name, packed)):
            fetched = transfer.download(
                job.url, Path(self._folder) / job.name, self._client, size=job.size,
                sha256=sha256, progress=self._begin(job),
            )  # fmt: skip
            self._lock.add(job.name, fetched)
        if name != job.name:
            unpack_one(Path(self._folder), job.name, self._lock)

    def _bring_numbered(self, job: jobs.Job, download: Download) -> bool:
        """Fetches a file that the server may not have; returns whether it has it."""
        there = False
        if not self._lock.is_absent(job.name):
            try:
                self._bring(job, job.name)
            except errors.AbsentError:
                self._lock.add_absent(job.name)
            else:
                path = epath.Path(f"{self._folder}/{job.name}")
                there = numbered.is_archive(path)
                if not there:
                    if not path.stat().length:
                        self._lock.add_absent(job.name)
                    # Else a page: perhaps it says so, perhaps the server is in trouble.
                    path.unlink()
                    self._lock.remove(job.name)
        numbered.check_pattern(download, job.number, there)
        return there

    def _is_there(self, name: str, recorded: transfer.Fetched) -> bool:
        path = epath.Path(f"{self._folder}/{name}")
        return bool(path.exists() and path.stat().length == recorded.size)


def unpack_one(folder: Path, name: str, lock: Lock) -> None:
    """Makes the `.tar` of a `.tar.gz` in a folder, records it, and removes the `.tar.gz`."""
    recorded = lock.get(name)
    url = recorded.url if recorded else ""
    stored = unpack.stored_name(name)
    made = unpack.to_tar(folder / name, folder / stored)
    lock.add(stored, dataclasses.replace(made, url=url))
    _forget(folder, name, lock)


def _forget(folder: Path, name: str, lock: Lock) -> None:
    (folder / name).unlink(missing_ok=True)
    if lock.get(name):
        lock.remove(name)
