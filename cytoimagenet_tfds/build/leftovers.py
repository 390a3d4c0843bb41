"""Folders that a killed build left: found by a note of their owner, removed when it is dead."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from pathlib import Path

from etils import epath

from cytoimagenet_tfds import errors, paths
from cytoimagenet_tfds.build import owners, work

_EMPTY_SECONDS = 3600  # a build notes itself as soon as TFDS has made its folder
_log = logging.getLogger(__name__)


def claim(folder: epath.Path) -> None:
    """Notes in a folder that is being made which process makes it."""
    if not work.is_remote(folder):
        owners.claim(folder)


def release(folder: epath.Path) -> None:
    """Takes the note away: the folder has its name."""
    if not work.is_remote(folder):
        owners.release(folder)


def clean(own: epath.Path) -> None:
    """Removes what dead builds of this machine left beside the folder `own`; names the rest.

    Folders without a note, of another machine or of a live process stay: they may belong to a
    build that still runs.
    """
    if not own.parent.exists():
        return
    for folder in sorted(own.parent.glob("incomplete.*")):
        if folder == own:
            continue
        size = f"{_size(folder) / 1e6:,.1f} MB"
        if _is_dead(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _log.warning("Removed %s (%s), left by a build that was killed.", folder, size)
        else:
            _log.warning(
                "%s (%s) is left from a build that was killed, or belongs to one that still runs; "
                "remove it when none does.", folder, size,
            )  # fmt: skip


def remove_half(folder: epath.Path) -> None:
    """Removes a dataset in a store that a killed build had begun to give its name.

    TFDS takes any folder of that name for the whole dataset.
    """
    if work.is_remote(folder) and (folder / paths.UNFINISHED).exists():
        _log.warning("Removed %s, which a killed build left half copied.", folder)
        folder.rmtree()


def hold(folder: epath.Path) -> None:
    """Notes in a work folder which build uses it; `let_go` takes the note away.

    Raises:
      BuildError: a build that still runs on this machine uses it.
    """
    if work.is_remote(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    found, name = owners.of(folder)
    if found == "alive":
        raise errors.BuildError(
            f"{folder} is the work folder of a build that runs: {name}. Wait for it, or name "
            "another work folder (--beam_pipeline_options=cyto_work_dir=FOLDER) and another "
            "--data_dir."
        )
    if found == "elsewhere":
        _log.warning(
            "%s was used by %s: if that build still runs, stop this one.", folder, name
        )  # fmt: skip
    owners.claim(folder)


def let_go(folder: epath.Path) -> None:
    """Ends `hold`; a folder that holds nothing else goes as well."""
    if work.is_remote(folder) or owners.of(folder)[0] != "this":
        return
    owners.release(folder)
    with contextlib.suppress(OSError):  # it is not empty
        os.rmdir(folder)


def _is_dead(folder: epath.Path) -> bool:
    if work.is_remote(folder):
        return False
    found = owners.of(folder)[0]
    return found == "dead" or (found == "nobody" and _is_long_empty(folder))


def _is_long_empty(folder: epath.Path) -> bool:
    age = time.time() - os.stat(folder).st_mtime
    return age > _EMPTY_SECONDS and not any(folder.iterdir())


def _size(folder: epath.Path) -> int:
    if work.is_remote(folder):
        return 0
    return sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file())
