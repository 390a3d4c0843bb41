"""Progress bars: over the files that the workers of a local build write, and over a list."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from etils import epath

from cytoimagenet_tfds.build import work

_Item = TypeVar("_Item")
_SECONDS = 1.0  # between two looks into the folder


def each(items: Sequence[_Item], doing: str, unit: str) -> Iterable[_Item]:
    """Gives the items one by one, and shows how many were taken and the time left."""
    from tqdm import auto

    shown: Iterable[_Item] = auto.tqdm(items, desc=doing, unit=unit)
    return shown


@contextlib.contextmanager
def files_done(folder: epath.Path, names: Sequence[str], doing: str, unit: str) -> Iterator[None]:
    """Shows how many of the files are there, whichever process writes them, and the time left.

    Nothing is shown for an object store, where listing costs money; the runner has its own page.

    Args:
      folder: where the files appear.
      names: the files.
      doing: what the bar is called.
      unit: what one file is.
    """
    if work.is_remote(folder):
        yield
        return
    from tqdm import auto

    wanted = set(names)
    done = threading.Event()
    # What an earlier run left took no time of this one.
    before = _count(folder, wanted)
    with auto.tqdm(total=len(wanted), initial=before, desc=doing, unit=unit) as bar:

        def watch() -> None:
            while not done.wait(_SECONDS):
                _show(bar, folder, wanted)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
            _show(bar, folder, wanted)


def _count(folder: epath.Path, wanted: set[str]) -> int:
    return len(wanted.intersection(work.names(folder)))


def _show(bar: object, folder: epath.Path, wanted: set[str]) -> None:
    bar.update(_count(folder, wanted) - bar.n)  # type: ignore[attr-defined]
