"""What tells the examples of a dataset apart, as Arrow columns: some 400 bytes an example."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1 << 14  # that are Python objects at a time


class Identity(NamedTuple):
    """What tells an example from the others; '' for a column that its dataset does not have."""

    key: str = ""
    group: str = ""
    path: str = ""
    filename: str = ""
    label: str = ""
    category: str = ""


class Identities:
    """A table that grows by a few examples at a time."""

    def __init__(self) -> None:
        self._new: list[tuple[str, ...]] = []
        self._pieces: list[pa.RecordBatch] = []

    def add(self, split: str, found: Iterable[Identity]) -> None:
        """Adds examples of one split."""
        self._new += [(split, *identity) for identity in found]
        if len(self._new) >= _ROWS:
            self._to_arrow()

    def table(self) -> pa.Table:
        """Returns all rows: `split` and the fields of `Identity`, large strings."""
        import pyarrow as pa

        self._to_arrow()
        return pa.Table.from_batches(self._pieces)

    def _to_arrow(self) -> None:
        import pyarrow as pa

        names = ("split", *Identity._fields)
        columns = zip(*self._new, strict=True) if self._new else [()] * len(names)
        arrays = [pa.array(column, pa.large_string()) for column in columns]
        self._pieces.append(pa.RecordBatch.from_arrays(arrays, list(names)))
        self._new = []
