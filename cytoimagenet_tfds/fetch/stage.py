"""Straight from the origin into an object store, so that workers never ask the origin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import http
from cytoimagenet_tfds.fetch.transfer import Fetched


def copy(
    url: str,
    target: str,
    client: http.Client,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Fetched:
    """Streams one file to `gs://`, `s3://` or any fsspec address, without a copy on the disk.

    The object appears when its upload is complete, so what is there is whole. A broken connection
    goes on with a range request; after a killed process the file begins anew.

    Raises:
      FetchError: as `transfer.download`; nothing is left at `target`.
    """
    import fsspec

    remote = client.probe(url)
    if size is not None and remote.size is not None and remote.size != size:
        raise errors.FetchError(f"{url} has {remote.size:,} bytes, expected {size:,}.")
    state, position = hashlib.sha256(), 0
    file_system, path = fsspec.core.url_to_fs(target)
    file_system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    # A transaction that ends in an exception discards the upload.
    with file_system.transaction, file_system.open(path, "wb") as file:
        for block in _blocks(remote, client):
            file.write(block)
            state.update(block)
            position += len(block)
            progress(len(block))
        digest = state.hexdigest()
        if remote.size not in (None, position) or (sha256 and digest != sha256):
            raise errors.FetchError(
                f"{url} arrived with {position:,} bytes and sha256 {digest}, expected "
                f"{remote.size} bytes and {sha256 or 'any checksum'}."
            )
    return Fetched(position, digest, url)


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
