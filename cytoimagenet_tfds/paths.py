"""`s3://` paths for everything that goes through `etils.epath`, TFDS included.

Where TensorFlow is installed, epath hands `s3://` to it, and TensorFlow has had no S3 of its own
since 2.6. Here it is read and written by fsspec (the extra `s3`). `gs://` stays with TensorFlow.
"""

from __future__ import annotations

import os

from etils import epath
from etils.epath import backend, gpath


class S3Path(gpath.PosixGPath):  # type: ignore[misc]
    """A path in an S3-compatible store; the endpoint is that of AWS_ENDPOINT_URL, if set."""

    @property
    def _backend(self) -> backend.Backend:
        return backend.fsspec_backend

    def rename(self, target: epath.PathLike) -> epath.Path:
        """Renames a file or a folder; a store has no folders, so each file of one is copied."""
        if not self.is_dir():
            return super().rename(target)
        import fsspec

        store, source = fsspec.core.url_to_fs(os.fspath(self).rstrip("/"))
        _, goal = fsspec.core.url_to_fs(os.fspath(target).rstrip("/"))
        found = store.find(source)
        for path in found:
            store.cp_file(path, goal + path.removeprefix(source))
        store.rm(found)
        return type(self)(target)


def register() -> None:
    """Makes `epath.Path('s3://...')` an `S3Path`; listings are asked for anew each time.

    A kept listing would hide what another worker has written since.
    """
    import fsspec.config

    fsspec.config.conf.setdefault("s3", {})["use_listings_cache"] = False
    epath.register_path_cls("s3://")(S3Path)
