"""Where workers may read and write: the disk, and object stores of the user's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from cytoimagenet_tfds import errors, paths

# A worker never reads from an origin server: a thousand of them at once would be an attack.
OWN_STORES = tuple(sorted(paths.CLIENTS))
_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]+):/", re.IGNORECASE)


def scheme(path: str | os.PathLike[str]) -> str:
    """Returns what stands before `:/`, in lower case; '' for a path on the disk."""
    found = _SCHEME.match(os.fspath(path))
    return found.group(1).lower() if found else ""


def check(folders: Iterable[tuple[str, str | os.PathLike[str]]], remote: str = "") -> None:
    """Raises ConfigError naming every path that workers must not, or cannot, use.

    Args:
      folders: pairs of what a path is and the path.
      remote: name of the runner where it runs on machines that see no disk of this one.
    """
    problems = errors.Problems()
    for what, path in folders:
        found = scheme(path)
        if found and found not in OWN_STORES:
            stores = ", ".join(f"{name}://" for name in OWN_STORES)
            problems.add(
                f"{what} is {os.fspath(path)}: workers read from the disk and from {stores} only, "
                "never from the server of a source. Fetch the files once (`cytoimagenet fetch`)."
            )
        elif found and (missing := paths.missing_client(path)):
            problems.add(f"{what}: {missing}")
        elif remote and not found:
            problems.add(
                f"{what} is {os.fspath(path)}, a disk that the workers of {remote} do not see: "
                "copy it to a bucket and name that."
            )
    problems.raise_if_any(errors.ConfigError, "The workers cannot use all of the folders:")
