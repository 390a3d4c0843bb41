"""A progress bar over the chunks of a local build."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

from etils import epath

from cytoimagenet_tfds.build import work

_SECONDS = 1.0  # between two looks into the folder


@contextlib.contextmanager
def chunks_done(folder: epath.Path, names: Sequence[str]) -> Iterator[None]:
    """Shows how many of the chunks are committed, whichever process renders them.

    Nothing is shown for an object store, where listing costs money; the runner has its own page.
    """
    if work.is_remote(folder):
        yield
        return
    from tqdm import auto

    wanted = {f"{name}.parquet" for name in names}
    done = threading.Event()
    with auto.tqdm(total=len(wanted), desc="Rendering", unit="chunk") as bar:

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


def _show(bar: object, folder: epath.Path, wanted: set[str]) -> None:
    count = sum(path.name in wanted for path in folder.iterdir())
    bar.update(count - bar.n)  # type: ignore[attr-defined]
