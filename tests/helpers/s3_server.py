"""A real S3-compatible server on the loopback, for the time of a `with` block."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from unittest import mock

import pytest


@contextlib.contextmanager
def serve(bucket: str) -> Iterator[str]:
    """Runs moto's server with an empty bucket; gives `s3://<bucket>`.

    The usual variables of the environment point s3fs, and whatever else speaks S3, to it.
    """
    server_module = pytest.importorskip("moto.server", reason="no S3 server: moto is not installed")
    pytest.importorskip("s3fs", reason="no S3 client: s3fs is not installed")
    import fsspec

    server = server_module.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{address}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with mock.patch.dict(os.environ, variables):
            fsspec.filesystem("s3", skip_instance_cache=True).mkdir(bucket)
            _forget_servers()
            yield f"s3://{bucket}"
    finally:
        _forget_servers()
        server.stop()


def _forget_servers() -> None:
    """fsspec and etils keep a client, and with it the address of an earlier server."""
    import fsspec
    from etils.epath import backend

    fsspec.get_filesystem_class("s3").clear_instance_cache()
    backend.fsspec_backend._get_filesystem.cache_clear()
