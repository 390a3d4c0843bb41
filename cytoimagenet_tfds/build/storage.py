"""Where workers may read and write: the disk, and object stores of the user's own."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterable, Iterator

from cytoimagenet_tfds import errors, paths

# A worker never reads from an origin server: a thousand of them at once would be an attack.
OWN_STORES = tuple(sorted(paths.CLIENTS))
# What a disk says that has no room or takes nothing; a runner hands on only the text.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_LOCKED = (errno.EACCES, errno.EPERM, errno.EROFS)
_ELSEWHERE = (
    "Name folders that can be written (--data_dir, --beam_pipeline_options=cyto_work_dir=FOLDER), "
    "or give yourself the right to."
)
_OWN_WORDS = re.compile(r"cytoimagenet_tfds\.errors\.\w+: (.+?)(?: \[while running|\n|$)")
_NOT_INSTALLED = "No module named 'cytoimagenet_tfds"
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
        elif remote and not found:
            problems.add(
                f"{what} is {os.fspath(path)}, a disk that the workers of {remote} do not see: "
                "copy it to a bucket and name that."
            )
    problems.raise_if_any(errors.ConfigError, "The workers cannot use all of the folders:")


def check_clients(folders: Iterable[tuple[str, str | os.PathLike[str]]]) -> None:
    """Raises ConfigError naming every folder whose store this environment cannot reach."""
    problems = errors.Problems()
    for what, path in folders:
        missing = paths.missing_client(path)
        if missing:
            problems.add(f"{what}: {missing}")
    problems.raise_if_any(errors.ConfigError, "Not every store can be reached from here:")


def check_reachable(folders: Iterable[tuple[str, str | os.PathLike[str]]]) -> None:
    """Raises ConfigError naming every folder in a store that does not let this user in.

    Asked for whether a folder is there, the clients of stores then say no, as if it were missing.
    """
    problems = errors.Problems()
    for what, path in folders:
        refused = paths.refusal(path) if scheme(path) in OWN_STORES else ""
        if refused:
            problems.add(
                f"{what} is {os.fspath(path)}: {refused}. Log in (`gcloud auth "
                "application-default login`; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or ask "
                "for the right to read and write there."
            )
    problems.raise_if_any(errors.ConfigError, "Not every store can be reached from here:")


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Makes a BuildError, with what to do, of a disk that is full or cannot be written.

    A runner hands on the text of a worker's error, not the error; so that of an error of our own,
    and of a worker without this package, is looked for as well.
    """
    try:
        yield
    except errors.CytoImageNetError:
        raise
    except (RuntimeError, OSError, ImportError) as error:
        text = str(error)
        if any(os.strerror(number) in text for number in _NO_ROOM):
            raise errors.BuildError(
                f"The disk is full{_where(error)}. Make room, or name another folder for the "
                "intermediate files (--beam_pipeline_options=cyto_work_dir=FOLDER), and start the "
                "same build again: what is finished in the work folder is kept."
            ) from error
        said = _OWN_WORDS.findall(text)
        if said:
            raise errors.BuildError(said[-1].strip()) from error
        if _NOT_INSTALLED in text:
            raise errors.BuildError(
                "The workers cannot import cytoimagenet_tfds: every worker needs this package, in "
                "the same version, in the Python it runs in."
            ) from error
        if isinstance(error, OSError) and error.errno in _LOCKED:
            raise errors.BuildError(f"{error.strerror}{_where(error)}. {_ELSEWHERE}") from error
        raise


def _where(error: BaseException) -> str:
    name = getattr(error, "filename", None)
    return f": {os.fspath(name)}" if isinstance(name, (str, os.PathLike)) else ""


def check_writable(what: str, folder: str | os.PathLike[str]) -> None:
    """Raises BuildError where a local folder, or the one it is to be made in, takes no file."""
    if scheme(folder):
        return
    path = os.path.abspath(os.path.expanduser(folder))
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        raise errors.BuildError(f"{what} cannot be {os.fspath(folder)}: {path} is no folder.")
    if not os.access(path, os.W_OK | os.X_OK):
        raise errors.BuildError(
            f"{what} cannot be {os.fspath(folder)}: {path} cannot be written. {_ELSEWHERE}"
        )


def check_apart(work: str | os.PathLike[str], data: str | os.PathLike[str]) -> None:
    """Raises ConfigError where work folder and dataset are one folder, or one holds the other.

    The one is removed at the end, the other must not be there before.
    """
    one, other = (os.fspath(path).rstrip("/") + "/" for path in (work, data))
    if one.startswith(other) or other.startswith(one):
        raise errors.ConfigError(
            f"The work folder {os.fspath(work)} and the folder of the dataset {os.fspath(data)} "
            "must lie apart: name another cyto_work_dir than data_dir."
        )
