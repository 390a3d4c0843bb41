"""Where workers may read and write: the disk, and object stores of the user's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from cytoimagenet_tfds import errors

# A worker never reads from an origin server: a thousand of them at once would be an attack.
OWN_STORES = ("gs", "s3", "az")
_BY_FSSPEC = ("s3", "az")  # TensorFlow itself reads gs:// alone
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]+):/", re.IGNORECASE)


def scheme(path: str | os.PathLike[str]) -> str:
    """Returns what stands before `:/`, in lower case; '' for a path on the disk."""
    found = _SCHEME.match(os.fspath(path))
    return found.group(1).lower() if found else ""


def check(paths: Iterable[tuple[str, str | os.PathLike[str]]], remote: str = "") -> None:
    """Raises ConfigError naming every path that workers must not, or cannot, use.

    Args:
      paths: pairs of what a path is and the path.
      remote: name of the runner where it runs on machines that see no disk of this one.
    """
    problems = errors.Problems()
    for what, path in paths:
        found = scheme(path)
        if found and found not in OWN_STORES:
            stores = ", ".join(f"{name}://" for name in OWN_STORES)
            problems.add(
                f"{what} is {os.fspath(path)}: workers read from the disk and from {stores} only, "
                "never from the server of a source. Fetch the files once (`cytoimagenet fetch`)."
            )
        elif remote and not found:
            problems.add(
                f"{what} is {os.fspath(path)}, a disk that the workers of {remote} do not see: "
                "copy it to a bucket and name that."
            )
    problems.raise_if_any(errors.ConfigError, "The workers cannot use all of the folders:")


def prepare(*paths: str | os.PathLike[str]) -> None:
    """Makes `s3://` and `az://` paths readable in this process, if one of the paths is such.

    `etils.epath` hands them to TensorFlow, which has no such file system, unless told to use
    fsspec. fsspec keeps folder listings, and what another worker wrote would stay unseen. Both
    hold for the whole process; `gs://` then needs gcsfs.
    """
    if not any(scheme(path) in _BY_FSSPEC for path in paths):
        return
    import fsspec.config
    from etils.epath import gpath

    for store in ("s3", "az", "abfs", "gcs", "gs"):
        fsspec.config.conf.setdefault(store, {})["use_listings_cache"] = False
    os.environ["EPATH_USE_TF"] = "0"
    gpath._is_tf_installed.cache_clear()
