"""Small public downloads by TFDS' own download manager; what lies in manual_dir goes first."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from etils import epath

from cytoimagenet_tfds import archives
from cytoimagenet_tfds.fetch import Client, jobs
from cytoimagenet_tfds.fetch import run as fetch_run

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

    from cytoimagenet_tfds.sources import Source

# Above this a person decides: `cytoimagenet fetch` resumes, TFDS begins a broken file anew.
LARGEST_GB = 3.0
_FOLDER = "cytoimagenet_tfds"


def is_automatic(source: Source) -> bool:
    """True where a build may fetch the source by itself.

    That is so for a small download of known size from a plain web server, whose licence has to be
    acknowledged by nobody, in archives that are read where they lie.
    """
    wanted = jobs.wanted(source, everything=False)
    return (
        bool(wanted)
        and source.download_gb is not None
        and source.download_gb <= LARGEST_GB
        and not fetch_run.is_non_commercial(source)
        and not any(jobs.is_kaggle(download) for download in wanted)
        and not any(d.url.lower().endswith(archives.STREAMED_SUFFIXES) for d in wanted)
    )


def base_folder(
    source: Source, manual_dir: epath.Path, dl_manager: tfds.download.DownloadManager
) -> epath.Path:
    """Returns the folder that holds the folder of the source, downloaded if it may be.

    Args:
      source: the source.
      manual_dir: where the user puts data; it wins where it holds the source.
      dl_manager: TFDS' download manager; checks and records checksums.

    Returns:
      `manual_dir`, or a folder below TFDS' download folder.
    """
    if (manual_dir / source.dir_name).is_dir() or not is_automatic(source):
        return manual_dir
    found = {job.name: job.url for job in jobs.files(source, Client())}
    paths = dl_manager.download(found)
    base = epath.Path(dl_manager.download_dir) / _FOLDER
    for name, path in paths.items():
        _place(epath.Path(path), base / source.dir_name / name)
    return base


def _place(downloaded: epath.Path, target: epath.Path) -> None:
    """Gives a download its real name beside TFDS' own, without a second copy where possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
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
