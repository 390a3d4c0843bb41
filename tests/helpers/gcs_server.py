"""A server on the loopback that speaks Google Cloud Storage, for the time of a `with` block."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterator
from unittest import mock

import pytest

CANCELLED = 499  # what the real server answers when an upload was given up
# Or gcsfs asks Google, before every request, of what kind the bucket is.
_PLAIN_BUCKETS = {"GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}


@contextlib.contextmanager
def serve(bucket: str) -> Iterator[str]:
    """Runs an emulator with an empty bucket; gives `gs://<bucket>`.

    STORAGE_EMULATOR_HOST points gcsfs, and whatever else speaks to Google's storage, to it.
    """
    emulator = pytest.importorskip(
        "gcp_storage_emulator.server", reason="no GCS server: gcp-storage-emulator is not installed"
    )
    with mock.patch.dict(os.environ, _PLAIN_BUCKETS):
        pytest.importorskip("gcsfs", reason="no GCS client: gcsfs is not installed")
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    server = emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket=bucket)
    server.start()
    server._api._httpd.handle_error = lambda *_: None  # a client that hangs up is no news
    address = "http://{}:{}".format(*server._api._httpd.server_address)
    routes = tuple(_with_further_routes(emulator.HANDLERS))
    try:
        with (
            mock.patch.dict(os.environ, {"STORAGE_EMULATOR_HOST": address, **_PLAIN_BUCKETS}),
            mock.patch.object(emulator, "HANDLERS", routes),
        ):
            _forget_servers()
            yield f"gs://{bucket}"
    finally:
        _forget_servers()
        server.stop()


def _cancel(request, response, storage) -> None:
    """Gives up an upload; `/upload/...?upload_id=` names it."""
    response.status = mock.Mock(value=CANCELLED, phrase="Cancelled")


def _move(request, response, storage) -> None:
    """Renames an object inside its bucket."""
    from gcp_storage_emulator.handlers import objects

    request.params["dest_bucket_name"] = request.params["bucket_name"]
    objects.copy(request, response, storage)
    storage.delete_file(request.params["bucket_name"], request.params["object_id"])


def _with_further_routes(routes):
    """Adds what the emulator lacks and gcsfs asks for to the routes."""
    object_id = r"/storage/v1/b/(?P<bucket_name>[-.\w]+)/o/(?P<object_id>.+)"
    yield rf"^{object_id}/moveTo/o/(?P<dest_object_id>.+)$", {"POST": _move}
    for pattern, methods in routes:
        upload = re.fullmatch(pattern, "/upload/storage/v1/b/x/o")
        yield pattern, {**methods, "DELETE": _cancel} if upload else methods


def _forget_servers() -> None:
    """fsspec and etils keep a client, and with it the address of an earlier server."""
    import fsspec
    from etils.epath import backend

    fsspec.get_filesystem_class("gs").clear_instance_cache()
    backend.fsspec_backend._get_filesystem.cache_clear()
