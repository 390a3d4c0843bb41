"""`gs://` and `s3://` paths for everything that goes through `etils.epath`, TFDS included.

Where TensorFlow is installed, epath hands both to it. TensorFlow has had no S3 of its own since
2.6, its import takes seconds in every worker, and its errors are not Python's. Here both are read
and written by fsspec (the extras `gcs` and `s3`), as archives and downloads are. Without the extra
`gcs` TensorFlow keeps `gs://`, for the sake of other datasets; this package then asks for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import importlib.util
import os
from collections.abc import Iterator

from etils import epath
from etils.epath import backend, gpath, stat_utils

from cytoimagenet_tfds import errors

# Scheme -> the module that fsspec needs for it, and the extra of this package that installs it.
CLIENTS = {"gs": ("gcsfs", "gcs"), "s3": ("s3fs", "s3")}
UNFINISHED = ".cytoimagenet_unfinished"
"""Mark of a folder in a store that is being copied to its place."""
# Where the errors of these clients, and of what they stand on, are defined.
_CLIENT_MODULES = frozenset({"gcsfs", "s3fs", "google", "aiohttp", "aiobotocore", "botocore"})


@contextlib.contextmanager
def failures_of(path: str | os.PathLike[str]) -> Iterator[None]:
    """Makes an OSError of whatever the client of an object store raises."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _CLIENT_MODULES:
            raise
        message = f"{type(error).__name__}: {error}"
        raise OSError(errno.EIO, message, os.fspath(path)) from error


class StorePath(gpath.PosixGPath):  # type: ignore[misc]
    """A path in an object store.

    A server of one's own is named by AWS_ENDPOINT_URL for `s3://`, by STORAGE_EMULATOR_HOST for
    `gs://`.
    """

    @property
    def _backend(self) -> backend.Backend:
        return backend.fsspec_backend

    def stat(self) -> stat_utils.StatResult:
        """Returns size and time of the last change, which S3 calls by a name of its own."""
        with failures_of(self):
            found = super().stat()
            if found.mtime:
                return found
            changed = self._backend.fs(self).info(os.fspath(self)).get("LastModified")
        return dataclasses.replace(found, mtime=int(changed.timestamp())) if changed else found

    def read_bytes(self) -> bytes:
        """Returns the whole object."""
        with failures_of(self):
            content: bytes = self._backend.fs(self).cat_file(os.fspath(self))
        return content

    def rename(self, target: epath.PathLike) -> epath.Path:
        """Renames a file or a folder; a store has no folders, so each file of one is copied."""
        if not self.is_dir():
            return super().rename(target)
        import fsspec

        store, source = fsspec.core.url_to_fs(os.fspath(self).rstrip("/"))
        _, goal = fsspec.core.url_to_fs(os.fspath(target).rstrip("/"))
        # A kill in between leaves the mark, and what says of a dataset that it is there comes last.
        found = sorted(store.find(source), key=lambda path: (path.endswith(".json"), path))
        mark = type(self)(target) / UNFINISHED
        mark.write_text("")
        for path in found:
            store.cp_file(path, goal + path.removeprefix(source))
        mark.unlink()
        store.rm(found)
        return type(self)(target)


def register() -> None:
    """Makes `epath.Path` of a store a `StorePath`; listings are asked for anew each time.

    A kept listing would hide what another worker has written since.
    """
    import fsspec.config

    for protocol in ("gs", "gcs", "s3"):
        fsspec.config.conf.setdefault(protocol, {})["use_listings_cache"] = False
    epath.register_path_cls("s3://")(StorePath)
    if not missing_client("gs://"):
        epath.register_path_cls("gs://")(StorePath)


def missing_client(path: str | os.PathLike[str]) -> str:
    """Returns how to install what the store of a path needs; '' where nothing is missing."""
    module, extra = CLIENTS.get(os.fspath(path).partition(":")[0].lower(), ("", ""))
    if not module or importlib.util.find_spec(module):
        return ""
    return (
        f"{os.fspath(path)} needs {module}, which is not installed: "
        f"pip install 'cytoimagenet-tfds[{extra}]'"
    )


def require_client(path: str | os.PathLike[str]) -> None:
    """Raises ConfigError where the store of a path cannot be reached from this environment."""
    missing = missing_client(path)
    if missing:
        raise errors.ConfigError(missing)


def refusal(path: str | os.PathLike[str]) -> str:
    """Returns what a store says that does not let its folder be listed; '' where it does.

    A folder that is not there is no refusal.
    """
    import fsspec

    try:
        with failures_of(path):
            store, inner = fsspec.core.url_to_fs(os.fspath(path))
            store.ls(inner, detail=False)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return errors.visible(str(error.strerror or error)) or type(error).__name__
    return ""


def absolute(path: str | os.PathLike[str]) -> str:
    """Returns the address of a folder for every worker, wherever that was started.

    On the disk `~` is the home folder, and a relative path begins where this process stands.
    """
    text = os.fspath(path)
    return text if "://" in text else os.path.abspath(os.path.expanduser(text))
