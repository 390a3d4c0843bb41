"""One file from the web to the disk: whole, checked, or not there at all."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import http
from cytoimagenet_tfds.fetch.parts import PartFile

_SAVE_EVERY = 64 << 20  # bytes between two records of progress
_HASH_BLOCK = 4 << 20


@dataclasses.dataclass(frozen=True)
class Fetched:
    """A file that arrived.

    Attributes:
      size: bytes.
      sha256: checksum of its content, hexadecimal.
      url: the address it was asked from, '' for a file that was put there by hand.
      packed_size, packed_sha256: the same of the `.tar.gz` it was made of; 0 and '' for none.
    """

    size: int
    sha256: str
    url: str
    packed_size: int = 0
    packed_sha256: str = ""


def download(
    url: str,
    target: Path,
    client: http.Client,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Fetched:
    """Fetches one file; goes on where an earlier call was cut off.

    Args:
      url: the address.
      target: where the file comes to lie; its folder is made.
      client: connections and patience.
      size: bytes the file must have, where that is known.
      sha256: checksum it must have, where that is known.
      progress: called with the number of bytes that came, also with what was there already.

    Returns:
      What arrived.

    Raises:
      FetchError: the server refuses or gives up, the content is not what it should be, the disk
        is full or read-only. A file at `target` is always whole and checked.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(2):  # once more from the start where the file changed meanwhile
            try:
                return _fetch(url, target, client, size, sha256, progress)
            except errors.ChangedError as error:
                changed = error
        raise changed
    except OSError as error:
        raise errors.FetchError(disk_message(target, error)) from error


def _fetch(
    url: str,
    target: Path,
    client: http.Client,
    size: int | None,
    sha256: str | None,
    progress: Callable[[int], None],
) -> Fetched:
    remote = client.probe(url)
    if size is not None and remote.size is not None and remote.size != size:
        raise errors.FetchError(
            f"{url} has {remote.size:,} bytes, expected {size:,}: another version of the file."
        )
    part = PartFile(target, remote, client.settings.segment)
    try:
        progress(part.present)
        _check_space(target, (remote.size or 0) - part.present)
        _fill(part, remote, client, progress)
    except errors.ChangedError:
        part.discard()
        raise
    finally:
        part.close()
    digest = file_sha256(part.data_path)
    arrived = part.data_path.stat().st_size
    if (remote.size is not None and arrived != remote.size) or (sha256 and digest != sha256):
        part.discard()
        raise errors.FetchError(
            f"{url} arrived with {arrived:,} bytes and sha256 {digest}, expected "
            f"{remote.size if remote.size is not None else 'any'} bytes and {sha256 or 'any'}: the "
            "content is wrong and was removed."
        )
    part.finish(target)
    return Fetched(arrived, digest, url)


def _fill(
    part: PartFile, remote: http.Remote, client: http.Client, progress: Callable[[int], None]
) -> None:
    open_segments = [s for s in part.segments if s[2] < 0 or s[1] < s[2]]
    workers = client.settings.connections if remote.ranges else 1
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        jobs = [
            pool.submit(_fill_segment, s, part, remote, client, progress) for s in open_segments
        ]
        try:
            for job in concurrent.futures.as_completed(jobs):
                job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            part.save()
            raise
    part.save()


def _fill_segment(
    segment: list[int],
    part: PartFile,
    remote: http.Remote,
    client: http.Client,
    progress: Callable[[int], None],
) -> None:
    """Fetches one range; a try that brought new bytes does not count as a failed one."""
    failures, unsaved = 0, 0
    while True:
        before = segment[1]
        if not remote.ranges and before:
            progress(-before)  # the server can only begin anew
            part.restart(segment)
        try:
            end = segment[2] if segment[2] >= 0 else None
            for block in client.blocks(remote, segment[1], end):
                part.write(segment, block)
                progress(len(block))
                unsaved += len(block)
                if unsaved >= _SAVE_EVERY:
                    part.save()
                    unsaved = 0
            return
        except http.Retry as failure:
            if segment[1] == segment[2]:
                return  # only the announced length was wrong
            gained = segment[1] > before if remote.ranges else False
            failures = 1 if gained else failures + 1
            if failures >= client.settings.attempts:
                raise http.gave_up(remote.url, failures, failure) from failure
            client.wait(failures, failure)


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, hexadecimal."""
    state = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_HASH_BLOCK):
            state.update(block)
    return state.hexdigest()


def _check_space(target: Path, needed: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise errors.FetchError(
            f"{target.parent} has {free / 1e9:.1f} GB free; {target.name} needs "
            f"{needed / 1e9:.1f} GB more. Free some space, or name another folder with --to."
        )


def disk_message(target: str | os.PathLike[str], error: OSError) -> str:
    """Returns what to tell where a folder or a file cannot be written, and what to do."""
    if "://" in os.fspath(target):
        return (
            f"{os.fspath(target)} cannot be reached: {error.strerror or error}. Check the name of "
            "the bucket and your login to it, and run the same command again."
        )
    reasons = {
        errno.ENOSPC: "the disk is full; what has arrived is kept",
        errno.EDQUOT: "your quota is used up; what has arrived is kept",
        errno.EFBIG: "files may not become so large there",
        errno.EROFS: "the disk is read-only",
        errno.EACCES: "writing is not permitted there",
        errno.EPERM: "writing is not permitted there",
        errno.ENOTDIR: "a part of its path is a file",
        errno.EEXIST: "a part of its path is a file",
    }
    reason = reasons.get(error.errno or 0) or str(error)
    return (
        f"{os.fspath(target)} cannot be written: {reason}. Make room or mend it, or name another "
        "folder with --to, and run the same command again."
    )
