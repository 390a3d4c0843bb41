"""Row tables and plans as Parquet files, checked against the schema."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import errors, schema, wording

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_ROWS = 1 << 16  # of a table, made into Arrow at a time


def check(table: pd.DataFrame, kind: schema.Table, where: str = "The table") -> None:
    """Raises TableError with every problem: columns that lack, wrong types, keys that repeat."""
    import pandas.api.types as types

    problems = errors.Problems()
    fits = {
        "int": types.is_integer_dtype, "float": types.is_float_dtype, "bool": types.is_bool_dtype,
        "texts": types.is_object_dtype,
    }  # fmt: skip
    for column in schema.columns(kind):
        if column.name not in table:
            problems.add(f"The column {column.name!r} is missing: {column.doc}")
            continue
        values = table[column.name]
        if not fits.get(column.kind, types.is_string_dtype)(_stored(values.dtype)):
            problems.add(f"The column {column.name!r} is {values.dtype}, expected {column.kind}.")
        elif column.kind != "float" and values.isna().any():
            count = int(values.isna().sum())
            problems.add(
                f"The column {column.name!r} has {wording.counted(count, 'missing value')}; write "
                "''."
            )
    if "key" in table:
        twice = table["key"][table["key"].duplicated()]
        if len(twice):
            shown = ", ".join(sorted(twice.unique())[:3])
            problems.add(
                f"{wording.counted(len(twice), 'key stands', 'keys stand')} more than once: {shown}"
            )
    problems.raise_if_any(errors.TableError, f"{where} is no table of {kind}:")


def _stored(dtype: Any) -> Any:
    """Returns the type of the values; text that repeats may be kept as categories."""
    import pandas as pd

    return dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype


def write(
    table: pd.DataFrame,
    path: str | os.PathLike[str],
    kind: schema.Table,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes a table as Parquet with the columns of its kind, atomically where the disk allows.

    Args:
      table: the rows.
      path: file to write; its folder is made.
      kind: `rows` or `plan`.
      metadata: text that is stored in the file's schema.
    """
    check(table, kind)
    arrow = schema.arrow_schema(kind)
    named = arrow.with_metadata({**(metadata or {}), "cytoimagenet": kind})
    _write_pieces(_pieces(table[arrow.names], arrow), named, path)


def _pieces(table: pd.DataFrame, arrow: pa.Schema) -> Iterator[pa.Table]:
    """Yields the rows some ten thousand at a time."""
    import pyarrow as pa

    plain = {name: _stored(dtype) for name, dtype in table.dtypes.items()}
    for start in range(0, max(len(table), 1), _ROWS):
        part = table.iloc[start : start + _ROWS].astype(plain)
        yield pa.Table.from_pandas(part, schema=arrow, preserve_index=False)


def write_arrow(data: pa.Table, path: str | os.PathLike[str]) -> None:
    """Writes any Arrow table as Parquet: under another name first, so that no half file stays."""
    _write_pieces([data], data.schema, path)


def _write_pieces(
    pieces: Iterable[pa.Table], schema: pa.Schema, path: str | os.PathLike[str]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = epath.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = pa.BufferOutputStream()
    with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for piece in pieces:
            writer.write_table(piece.replace_schema_metadata(schema.metadata))
    part = target.parent / f".{target.name}.part"
    part.write_bytes(buffer.getvalue().to_pybytes())
    part.replace(target)


def read(path: str | os.PathLike[str], kind: schema.Table) -> pd.DataFrame:
    """Reads a table that `write` made; raises TableError where it does not fit its kind."""
    table, _ = read_with_metadata(path, kind)
    return table


def read_with_metadata(
    path: str | os.PathLike[str], kind: schema.Table
) -> tuple[pd.DataFrame, dict[str, str]]:
    """As `read`, with the text stored in the file's schema."""
    data = read_arrow(path)
    table: pd.DataFrame = data.to_pandas()
    check(table, kind, os.fspath(path))
    metadata = {k.decode(): v.decode() for k, v in (data.schema.metadata or {}).items()}
    return table, metadata


def read_arrow(path: str | os.PathLike[str]) -> pa.Table:
    """Reads any Parquet file; raises TableError where there is none or it is something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = epath.Path(path)
    if not source.is_file():
        raise errors.TableError(f"There is no file {source}.")
    content = source.read_bytes()
    try:
        return pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
    # The bytes are in memory: an OSError of Arrow means damage as well.
    except (pa.ArrowException, OSError) as error:
        raise errors.TableError(f"{source} is no Parquet file: {error}") from error
