"""Small public downloads without a manual step; what lies in manual_dir goes first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import Client, jobs, unpack
from cytoimagenet_tfds.fetch import run as fetch_run

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

    from cytoimagenet_tfds.sources import Source

# Above this a person decides: `cytoimagenet fetch` resumes, TFDS begins a broken file anew.
LARGEST_GB = 3.0
_FOLDER = "cytoimagenet_tfds"
_CONNECTIONS = 4


def is_automatic(source: Source) -> bool:
    """True where a build may fetch the source by itself.

    That is so for a small download of known size from a plain web server, whose licence has to be
    acknowledged by nobody.
    """
    wanted = jobs.wanted(source, everything=False)
    return (
        bool(wanted)
        and source.download_gb is not None
        and source.download_gb <= LARGEST_GB
        and not fetch_run.is_non_commercial(source)
        and not any(jobs.is_kaggle(download) for download in wanted)
    )


def base_folder(
    source: Source,
    manual_dir: epath.Path,
    dl_manager: tfds.download.DownloadManager,
    client: Client | None = None,
) -> epath.Path:
    """Returns the folder that holds the folder of the source, downloaded if it may be.

    Files that only have numbers, of which nobody says which there are, are asked for one by one,
    as `cytoimagenet fetch` does: TFDS' manager ends at the first that the server has not.

    Args:
      source: the source.
      manual_dir: where the user puts data; it wins where it holds the source. Where it holds
        nothing but the table that names the files of the source, these are downloaded.
      dl_manager: TFDS' download manager; checks and records checksums.
      client: for what the manager cannot ask for; None for one of the usual settings.

    Returns:
      `manual_dir`, or a folder below TFDS' download folder.

    Raises:
      FetchError: a server has other files than it should have.
    """
    own = manual_dir / source.dir_name
    table = _table_alone(source, own) if own.is_dir() else None
    if table is None and own.is_dir():
        return manual_dir
    base = epath.Path(dl_manager.download_dir) / _FOLDER
    folder = base / source.dir_name
    if table is None and _has_only_numbers(source):
        fetch_run.fetch_web(source, os.fspath(folder), client or Client())
        return base
    if table is None and not is_automatic(source):
        return manual_dir
    for batch in _batches(jobs.files(source, Client(), folder=str(own))):
        for name, path in dl_manager.download({job.name: job.url for job in batch}).items():
            _place(epath.Path(path), folder / name)
    if table is not None:
        _place(table, folder / table.name)
    return base


def _has_only_numbers(source: Source) -> bool:
    wanted = jobs.wanted(source, everything=False)
    return bool(wanted) and all(download.numbers is not None for download in wanted)


def _table_alone(source: Source, own: epath.Path) -> epath.Path | None:
    """Returns the table that names the files of a source, where nothing else lies beside it."""
    names = {download.listed_in for download in source.downloads if download.listed_in}
    there = [path for path in own.iterdir() if not path.name.startswith(".")]
    return there[0] if len(there) == 1 and there[0].name in names else None


def _batches(wanted: Sequence[jobs.Job]) -> Iterator[Sequence[jobs.Job]]:
    """Cuts many files into batches: TFDS asks a server for all it is given at once."""
    return (wanted[at : at + _CONNECTIONS] for at in range(0, len(wanted), _CONNECTIONS))


def _place(downloaded: epath.Path, target: epath.Path) -> None:
    """Gives a download its real name beside TFDS' own, without a second copy where possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if unpack.is_packed(target.name):
        _place_unpacked(downloaded, target.parent / unpack.stored_name(target.name))
        return
    if target.exists() and target.stat().length == downloaded.stat().length:
        return
    target.unlink(missing_ok=True)
    if "://" in os.fspath(target):
        downloaded.copy(target)
        return
    part = target.parent / f".{target.name}.part"
    part.unlink(missing_ok=True)
    try:
        os.link(downloaded, part)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(downloaded, part)
    part.replace(target)


def _place_unpacked(downloaded: epath.Path, target: epath.Path) -> None:
    """Writes the `.tar` of a download, unless one that is not older is there."""
    if "://" in os.fspath(target):
        raise errors.FetchError(
            f"{target} cannot be made of {downloaded}: a download folder in a bucket takes no "
            f".tar.gz. `cytoimagenet fetch {target.parent.name} --to={target.parent.parent}` does."
        )
    if not target.exists() or target.stat().mtime < downloaded.stat().mtime:
        unpack.to_tar(Path(downloaded), Path(target))
