"""The work folder of a build: where plan, chunks and shard tables lie, and what is swept.

    plan-<hash>/part-00000.parquet     rows to render, one row group per chunk
    chunks/<name>.bin, <name>.parquet  rendered images, see `chunks`
    shards-<hash>/<split>-00000-of-00004.parquet  examples of one final shard

Everything a worker needs is read from here, so that a Beam graph holds only numbers. On a cluster
the folder must be one that every worker can reach, such as a bucket.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from etils import epath

from cytoimagenet_tfds.build import owners

if TYPE_CHECKING:
    import pyarrow as pa

_TEMPORARY = ".tmp-"
_SPOOLED = ".cytoimagenet-"  # in the folder for temporary files, which belongs to others as well
_STALE_SECONDS = 24 * 3600
_BLOCK = 1 << 22  # bytes copied at once


@dataclasses.dataclass(frozen=True)
class WorkFolder:
    """The work folder of one build.

    Attributes:
      root: path of the folder, local or any path `etils.epath` reads.
    """

    root: str

    @property
    def path(self) -> epath.Path:
        """The folder itself."""
        return epath.Path(self.root)

    @property
    def chunks(self) -> epath.Path:
        """Folder of the rendered chunks."""
        return self.path / "chunks"

    def plan(self, digest: str) -> epath.Path:
        """Folder of the plan whose hash is `digest`."""
        return self.path / f"plan-{digest}"

    def shards(self, digest: str) -> epath.Path:
        """Folder of the shard tables whose hash is `digest`."""
        return self.path / f"shards-{digest}"

    def remove(self) -> None:
        """Removes the folder and, where they are empty then, the two above it."""
        if self.path.exists():
            self.path.rmtree()
        for parent in (self.path.parent, self.path.parent.parent):
            if is_remote(parent) or not parent.exists() or any(parent.iterdir()):
                break
            parent.rmdir()


def is_remote(path: os.PathLike[str] | str) -> bool:
    """True for object stores, where a file appears whole on closing and a rename is a copy."""
    return "://" in os.fspath(path)


def names(folder: epath.Path) -> list[str]:
    """Returns the names in a folder, sorted; an object store has no empty folders."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []


def temporary(target: epath.Path) -> epath.Path:
    """Returns where to write before renaming to `target`; `target` itself on an object store."""
    if is_remote(target):
        return target
    return target.parent / f"{_TEMPORARY}{_owner()}~{target.name}"


def _owner() -> str:
    return f"{socket.gethostname()}~{os.getpid()}~{threading.get_ident()}"


def spool(target: epath.Path) -> epath.Path:
    """Returns a path on the disk where to write first; for an object store a temporary file."""
    if not is_remote(target):
        return temporary(target)
    return scratch(target.name)


def scratch(name: str) -> epath.Path:
    """Makes an empty file on the disk; `sweep_spooled` removes it once its process is dead."""
    handle, path = tempfile.mkstemp(prefix=f"{_SPOOLED}{_owner()}~", suffix=f"~{name}")
    os.close(handle)
    return epath.Path(path)


def publish(written: epath.Path, target: epath.Path) -> None:
    """Gives a file written at `temporary(target)` or `spool(target)` its name, in one step."""
    if written == target:
        return
    if is_remote(written) == is_remote(target):
        written.replace(target)
        return
    with written.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, _BLOCK)
    written.unlink()


def write_table(table: pa.Table, target: epath.Path) -> None:
    """Writes a Parquet file that is either whole or not there."""
    write_groups([table], table.schema, target)


def write_groups(
    tables: Iterable[pa.Table],
    schema: pa.Schema,
    target: epath.Path,
    compression: str = "lz4",
) -> None:
    """As `write_table`, of several tables one after the other, each in a row group of its own.

    Args:
      tables: taken one by one.
      schema: of all of them.
      target: the file.
      compression: what is soon read again is written twice as fast without zstd.
    """
    import pyarrow.parquet as pq

    part = spool(target)
    try:
        with (
            part.open("wb") as file,
            pq.ParquetWriter(
                file,
                schema,
                compression=compression,
                write_page_checksum=True,
                write_statistics=False,
            ) as writer,
        ):
            for table in tables:
                writer.write_table(table)
        publish(part, target)
    except BaseException:  # a full disk needs the room
        part.unlink(missing_ok=True)
        raise


def sweep(folder: epath.Path) -> int:
    """Removes what dead processes left half written in a folder; returns how many files.

    A temporary file goes when its process on this machine is dead, or when it is a day old.
    """
    if is_remote(folder) or not folder.exists():
        return 0
    return _sweep(folder, _TEMPORARY)


def sweep_spooled() -> int:
    """As `sweep`, of what was on its way to an object store."""
    return _sweep(epath.Path(tempfile.gettempdir()), _SPOOLED)


def remove_unfinished(folder: epath.Path) -> None:
    """Removes every temporary file of a folder whose files are all written."""
    if is_remote(folder):
        return
    for path in sorted(folder.glob(f"{_TEMPORARY}*")):
        path.unlink(missing_ok=True)


def _sweep(folder: epath.Path, prefix: str) -> int:
    stale = [path for path in sorted(folder.iterdir()) if _is_stale(path, prefix)]
    for path in stale:
        with contextlib.suppress(PermissionError):  # of another user
            path.unlink(missing_ok=True)
    return len(stale)


def _is_stale(path: epath.Path, prefix: str) -> bool:
    if not path.name.startswith(prefix):
        return False
    host, _, rest = path.name.removeprefix(prefix).partition("~")
    process = rest.partition("~")[0]
    if host == socket.gethostname() and process.isdigit() and not owners.is_alive(int(process)):
        return True
    try:
        age = time.time() - os.stat(path).st_mtime
    except FileNotFoundError:  # another process finished or swept it
        return False
    return age > _STALE_SECONDS
