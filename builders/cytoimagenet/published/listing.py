"""The PNGs of the archive, listed in a database on the disk."""

from __future__ import annotations

import dataclasses

from cytoimagenet_tfds import files
from cytoimagenet_tfds.build import plan_table, scratch


@dataclasses.dataclass(frozen=True, eq=False)
class Images:
    """PNGs, each at a place of its own: `<folder of the label>/<name>`.

    Attributes:
      store: has them in the table `file`: `place`, `path` for messages, `reference`, and `head` as
        its number.
      count: how many there are.
      heads: the beginnings of the references, up to the name.
      packed: True where all are members of archives, whose places say how long they are.
    """

    store: scratch.Store
    count: int
    heads: tuple[str, ...]
    packed: bool

    def __len__(self) -> int:
        return self.count

    def first(self, count: int) -> list[str]:
        """Returns the first places."""
        return [place for (place,) in self.store.rows(
            "SELECT place FROM file ORDER BY place LIMIT ?", count
        )]  # fmt: skip


class Collector:
    """Takes PNGs one by one."""

    def __init__(self, store: scratch.Store) -> None:
        self._store = store
        self._piece: list[tuple[str, str, str, int]] = []
        self._count = 0
        self._heads: dict[str, int] = {}
        self._packed = True
        store.run("CREATE TABLE file (place TEXT, path TEXT, reference TEXT, head INTEGER)")

    def add(self, path: str, reference: files.FileRef) -> None:
        """Adds an image; `path` stands for it in a message."""
        folders, _, name = path.rpartition("/")
        place = f"{folders.rpartition('/')[2]}/{name}"
        head = self._heads.setdefault(reference.path.removesuffix(name), len(self._heads))
        self._packed &= reference.span is not None
        self._piece.append((place, path, str(reference), head))
        if len(self._piece) == plan_table.SLICE:
            self._flush()

    def _flush(self) -> None:
        if self._piece:
            self._store.add("file", *zip(*self._piece, strict=True))
        self._count += len(self._piece)
        self._piece = []

    def finish(self) -> tuple[Images, tuple[str, ...]]:
        """Returns the images, of several at one place the first, and the paths of the others.

        The first is the one in the fewest folders, then the first in sorted order.
        """
        self._flush()
        self._store.run("CREATE INDEX file_place ON file (place)")
        again: list[str] = []
        several = "SELECT place FROM file GROUP BY place HAVING count(*) > 1"
        for piece in list(self._store.pieces(several)):
            for (place,) in piece:
                again += self._only_first(place)
        images = Images(
            self._store, self._count - len(again), tuple(self._heads), self._packed
        )  # fmt: skip
        return images, tuple(sorted(again))

    def _only_first(self, place: str) -> list[str]:
        """Forgets all images of a place but the first; returns the paths of the others."""
        found = list(self._store.rows("SELECT path, rowid FROM file WHERE place = ?", place))
        _, *others = sorted(found, key=lambda one: (one[0].count("/"), one))
        for _, row in others:
            self._store.run("DELETE FROM file WHERE rowid = ?", row)
        return [path for path, _ in others]
