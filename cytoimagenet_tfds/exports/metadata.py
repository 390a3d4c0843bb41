"""The columns of all examples as one Parquet file."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Self

from etils import epath

from cytoimagenet_tfds import schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cytoimagenet_tfds.prepared import Example, Prepared

_BATCH = 20_000  # rows of a row group: what is in memory
# Beside the columns of the schema: (name, Arrow type, doc).
OWN = (
    ("split", "string", "Split of the example."),
    ("height", "int32", "Height of the image, pixels."),
    ("width", "int32", "Width of the image, pixels."),
)


class Writer(contextlib.AbstractContextManager["Writer"]):
    """Writes one row per example, batch after batch, under another name until it is whole.

    Args:
      dataset: the dataset.
      path: the file; None writes nothing.
    """

    def __init__(self, dataset: Prepared, path: str | os.PathLike[str] | None) -> None:
        self._schema = arrow_schema(dataset)
        self._rows: list[dict[str, Any]] = []
        self._target: Any = None if path is None else epath.Path(path)
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        if self._target is not None:
            import pyarrow.parquet as pq

            self._part = self._target.parent / f".{self._target.name}.part"
            self._sink = self._part.open("wb")
            self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        return self

    def see(self, split: str, example: Example) -> None:
        """Adds one row."""
        if self._writer is None:
            return
        height, width = example.size
        self._rows.append({**example.values, "split": split, "height": height, "width": width})
        if len(self._rows) == _BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._writer is not None and self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if self._writer is None:
            return
        if failed is None:
            self._flush()
        self._writer.close()
        self._sink.close()
        if failed is None:
            self._part.replace(self._target)
        else:
            self._part.unlink(missing_ok=True)


def arrow_schema(dataset: Prepared) -> pa.Schema:
    """Returns the columns of the file, each with its `doc`."""
    import pyarrow as pa

    of_schema = {field.name: field for field in schema.arrow_schema("example")}
    fields = [
        of_schema[column.name].with_type(
            pa.list_(pa.string()) if dataset.is_list(column) else of_schema[column.name].type
        )
        for column in dataset.columns
    ]
    own = [pa.field(n, pa.type_for_alias(kind), False, {"doc": doc}) for n, kind, doc in OWN]
    return pa.schema([*fields, *own])
