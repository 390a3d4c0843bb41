"""What all chunks of a plan hold: numbers for each image, and why other rows gave none.

No text of an image is in memory: a full dataset has millions of them.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import chunks, plan_table, scratch

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa
    from etils import epath

    from cytoimagenet_tfds.build.division import Division

# One image: row of the plan, number of the chunk, and the columns of `chunks.Line`.
_SHOWN = 3  # chunks a message names
IMAGE = np.dtype([
    ("row", "i4"), ("chunk", "i4"), ("crop", "i2"),
    ("y_min", "i4"), ("y_max", "i4"), ("x_min", "i4"), ("x_max", "i4"), ("scaling", "f4"),
    ("height", "i4"), ("width", "i4"), ("offset", "i8"), ("length", "i8"), ("crc32", "u4"),
])  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Rejected:
    """Rows of the plan that gave no image.

    Attributes:
      rows: [N] int32 rows of the plan.
      reasons: [N] why, texts.
      messages: [N] what exactly was wrong, texts.
    """

    rows: npt.NDArray[np.int32]
    reasons: pa.Array
    messages: pa.Array

    def by_reason(self, plan: pa.Table | plan_table.Stored, count: int) -> Iterator[Reason]:
        """Yields every reason, sorted, with the first rows by key.

        Args:
          plan: the plan, or its column `key`.
          count: so many rows are shown.
        """
        import pyarrow.compute as pc

        for reason in sorted(self.reasons.unique().to_pylist()):
            which = np.flatnonzero(pc.equal(self.reasons, reason).to_numpy(zero_copy_only=False))
            pairs = (
                pair
                for start, end in plan_table.slices(len(which))
                for pair in zip(
                    plan_table.texts(plan, "key", self.rows[which[start:end]]),
                    which[start:end].tolist(), strict=True,
                )
            )  # fmt: skip
            first = heapq.nsmallest(count, pairs)
            shown = tuple((key, self.messages[line].as_py()) for key, line in first)
            yield Reason(reason, len(which), shown)


@dataclasses.dataclass(frozen=True)
class Reason:
    """Rows that were rejected for one reason.

    Attributes:
      name: the reason.
      count: number of rows.
      first: key and message of the first rows by key.
    """

    name: str
    count: int
    first: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Rendered:
    """The images of a plan.

    Attributes:
      chunks: names of the chunks.
      images: [N] of type `IMAGE`; on the disk where the plan is.
      rejected: the rows that gave no image.
      kept: images of chunks that an earlier run made.
    """

    chunks: tuple[str, ...]
    images: scratch.Array
    rejected: Rejected
    kept: int = 0


def read(folder: epath.Path, divided: Division, run: str = "") -> Rendered:
    """Reads the tables of all chunks, one after the other.

    Args:
      folder: folder of the chunks.
      divided: the plan.
      run: the run that rendered last; images of chunks of another one count as kept.

    Raises:
      BuildError: chunks are missing or damaged, or one does not hold its rows.
    """
    missing: list[str] = []
    kept = 0

    def tables() -> Iterator[pa.Table]:
        nonlocal kept
        for number, rows, keys in divided.members():
            table = chunks.read_table(folder, divided.names[number])
            if table is None:
                missing.append(divided.names[number])
                continue
            if table.schema.metadata[b"run"] != run.encode():
                kept += sum(reason == "" for reason in table["reason"].to_pylist())
            yield _with_rows(table, rows, keys, number, folder)

    on_disk = isinstance(divided.columns, plan_table.Stored)
    found = collect(divided.names, tables(), divided.columns.spool(IMAGE) if on_disk else None)
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        raise errors.BuildError(
            f"{len(missing):,} of {len(divided.names):,} chunks in {folder} are missing or "
            f"damaged: {shown}. The engine ended before they were done: was its scheduler, or were "
            "its workers, lost? Start the same build again, with any engine: the others are kept."
        )
    return dataclasses.replace(found, kept=kept)


def collect(
    names: tuple[str, ...], tables: Iterable[pa.Table], spool: scratch.Spooled | None = None
) -> Rendered:
    """Takes the numbers from tables of chunks.

    Args:
      names: names of the chunks.
      tables: columns of `chunks.Line`, `row` of the plan and number of the `chunk`.
      spool: gets the images, where they are not to be in memory.
    """
    images = bytearray()  # it grows where it lies: there is no room for the images twice
    rejected: list[pa.Table] = []
    for table in tables:
        found = _images(table)
        if spool is None:
            images += found.data
        else:
            spool.append(found)
        rejected += [rest] if len(rest := _rejected(table)) else []
    own = np.frombuffer(images, IMAGE) if spool is None else spool
    return Rendered(names, own, _joined(rejected))


def _with_rows(
    table: pa.Table, rows: list[int], keys: list[str], number: int, folder: epath.Path
) -> pa.Table:
    """Adds the row of the plan of each line of a chunk's table, and the number of the chunk."""
    import pyarrow as pa

    row_of = dict(zip(keys, rows, strict=True))
    found = table["key"].to_pylist()
    if set(found) != set(row_of):
        raise errors.BuildError(f"The chunks in {folder} do not hold the rows of the plan.")
    own = {"row": [row_of[key] for key in found], "chunk": [number] * len(found)}
    for name, values in own.items():
        table = table.append_column(name, pa.array(values, pa.int32()))
    return table


def _images(table: pa.Table) -> npt.NDArray[Any]:
    import pyarrow.compute as pc

    table = table.filter(pc.equal(table["reason"], ""))
    found = np.empty(len(table), IMAGE)
    for name in IMAGE.names or ():
        found[name] = table[name].to_numpy()
    return found


def _rejected(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.not_equal(table["reason"], "")).select(["row", "reason", "message"])


def _joined(tables: list[pa.Table]) -> Rejected:
    import pyarrow as pa

    wanted = {"row": pa.int32(), "reason": pa.string(), "message": pa.string()}
    empty = pa.schema(list(wanted.items())).empty_table()
    joined = pa.concat_tables([empty, *tables]).combine_chunks()
    # Most messages are the same: each text is kept once.
    texts = [joined[name].dictionary_encode().combine_chunks() for name in ("reason", "message")]
    return Rejected(joined["row"].to_numpy().astype(np.int32), *texts)
