"""The lines of examples in a shard's table, made a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.build import naming, plan_table

if TYPE_CHECKING:
    import pyarrow as pa

    from cytoimagenet_tfds.build.selection import Selection

_BOUNDS = ("y_min", "y_max", "x_min", "x_max", "scaling")
_PLACE = ("offset", "length", "crc32", "height", "width")


def arrow_schema(extra: Sequence[tuple[str, str]] = ()) -> pa.Schema:
    """Returns the schema of a shard's table.

    Args:
      extra: further columns of the plan, see `layout.Layout`.
    """
    import pyarrow as pa

    numbers = [pa.field(name, pa.int64()) for name in _PLACE]
    own = [pa.field(name, pa.type_for_alias(kind)) for name, kind in extra]
    fixed = [*schema.arrow_schema("example"), pa.field("chunk", pa.string()), *numbers]
    return pa.schema([*fixed, *own])


def slices(
    selection: Selection, start: int, end: int, extra: Sequence[tuple[str, str]] = ()
) -> Iterator[pa.Table]:
    """Yields the lines of the examples from `start` to `end`, some thousands at a time."""
    wanted = arrow_schema(extra)
    for first, last in plan_table.slices(end - start):
        yield _lines(selection, start + first, start + last, wanted)


def _lines(selection: Selection, start: int, end: int, wanted: pa.Schema) -> pa.Table:
    import pyarrow as pa

    images = selection.images[start:end]
    rows = plan_table.take(selection.plan, images["row"])
    paths, filenames = selection.names(rows, selection.numbers[start:end])
    own: dict[str, Any] = {
        "key": naming.example_keys(rows["key"].to_pylist(), images["crop"].tolist()),
        "labels": naming.labels(rows),
        "path": paths,
        "filename": filenames,
        "crop": images["crop"] >= 0,
        "chunk": [selection.chunks[number] for number in images["chunk"].tolist()],
        **{name: images[name] for name in (*_BOUNDS, *_PLACE)},
    }
    return pa.table(
        [
            pa.array(own[field.name], field.type) if field.name in own
            else rows[field.name].cast(field.type)
            for field in wanted
        ],
        schema=wanted,
    )  # fmt: skip
