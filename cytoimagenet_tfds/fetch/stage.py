"""Straight from the origin into an object store, so that workers never ask the origin."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import http, unpack
from cytoimagenet_tfds.fetch.transfer import Fetched


def copy(
    url: str,
    target: str,
    client: http.Client,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
    packed: bool = False,
) -> Fetched:
    """Streams one file to `gs://`, `s3://` or any fsspec address, without a copy on the disk.

    The object appears when its upload is complete, so what is there is whole. A broken connection
    goes on with a range request; after a killed process the file begins anew. A `packed` one, a
    `.tar.gz`, is uncompressed on its way and arrives as `.tar`; `size` and `sha256` are those of
    the `.tar.gz`, and what is returned has both.

    Raises:
      FetchError: as `transfer.download`; nothing is left at `target`.
    """
    import fsspec

    remote = client.probe(url)
    if size is not None and remote.size is not None and remote.size != size:
        raise errors.FetchError(f"{url} has {remote.size:,} bytes, expected {size:,}.")
    arrived, written = _Counted(progress), _Counted()
    file_system, path = fsspec.core.url_to_fs(target)
    file_system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    content = arrived.through(_blocks(remote, client))
    # A transaction that ends in an exception discards the upload.
    with file_system.transaction, file_system.open(path, "wb") as file:
        for block in written.through(unpack.blocks(content, url) if packed else content):
            file.write(block)
        if remote.size not in (None, arrived.size) or (sha256 and arrived.sha256 != sha256):
            raise errors.FetchError(
                f"{url} arrived with {arrived.size:,} bytes and sha256 {arrived.sha256}, expected "
                f"{remote.size} bytes and {sha256 or 'any checksum'}."
            )
    fetched = Fetched(written.size, written.sha256, url)
    if not packed:
        return fetched
    return dataclasses.replace(fetched, packed_size=arrived.size, packed_sha256=arrived.sha256)


class _Counted:
    """Size and checksum of blocks that pass."""

    def __init__(self, progress: Callable[[int], None] = lambda _: None) -> None:
        self.size = 0
        self._state = hashlib.sha256()
        self._progress = progress

    @property
    def sha256(self) -> str:
        return self._state.hexdigest()

    def through(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            self._state.update(block)
            self._progress(len(block))
            yield block


def _blocks(remote: http.Remote, client: http.Client) -> Iterator[bytes]:
    """Yields the file from start to end over as many requests as it takes."""
    position, failures = 0, 0
    while True:
        before = position
        try:
            for block in client.blocks(remote, position, remote.size if remote.ranges else None):
                position += len(block)
                yield block
            return
        except http.Retry as failure:
            if position == remote.size:
                return
            failures = 1 if position > before else failures + 1
            if failures >= client.settings.attempts or (position and not remote.ranges):
                raise http.gave_up(remote.url, failures, failure) from failure
            client.wait(failures, failure)
