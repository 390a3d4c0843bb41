"""Hugging Face's Parquet layout, that of a dataset on its hub: `datasets.load_dataset(FOLDER)`.

`data/<split>-<shard>-of-<shards>.parquet` holds the images as PNG bytes beside all columns; the
types, class names among them, stand in the metadata of the files' schema as `datasets` writes them.
The package `datasets` itself is not needed to write it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import schema

if TYPE_CHECKING:
    import pyarrow as pa

    from cytoimagenet_tfds.prepared import Example, Prepared

_ROWS = 100  # of a row group: what a reader must load for one image
_SHARD = 500_000_000  # bytes of image files in a shard
_TYPES = {"int": "int32", "float": "float32", "bool": "bool"}
# The head is what Hugging Face's hub reads: https://huggingface.co/docs/hub/datasets-cards
_README = """\
---
pretty_name: {name}
license: other
license_name: of-each-image
tags:
- biology
- microscopy
{task}---

# {name}

{description}

```python
import datasets

found = datasets.load_dataset("FOLDER")  # this folder, or its name on the hub
print(found["{split}"][0])
```

Licence: {licence} `LICENSES` lists them by source.

```
{citation}
```
"""


class Format:
    """Writes the shards of every split, and a README.

    Args:
      root: folder of the export.
      dataset: the dataset.
    """

    def __init__(self, root: Path, dataset: Prepared) -> None:
        self._root, self._dataset = root, dataset
        self._schema = arrow_schema(dataset)
        self._shards: dict[str, list[_Shard]] = {}

    def add(self, split: str, number: int, example: Example) -> None:
        """Adds a row; an image is called after its number."""
        shards = self._shards.setdefault(split, [])
        if not shards or shards[-1].bytes >= _SHARD:
            if shards:
                shards[-1].close()
            path = self._root / "data" / f"{split}-{len(shards):05d}.parquet"
            shards.append(_Shard(path, self._schema))
        image = {"bytes": example.stored, "path": f"{split}-{number:07d}.png"}
        row = {name: self._plain(name, value) for name, value in example.values.items()}
        shards[-1].add({"image": image, **row}, len(example.stored))

    def _plain(self, name: str, value: Any) -> Any:
        """Returns the number of a class, everything else as it is."""
        if name not in ("label", "category"):
            return value
        feature = self._dataset.info.features[name]
        return feature.str2int(value) if value else None

    def close(self) -> None:
        """Ends the last shards, names all by their number and writes the README."""
        for shards in self._shards.values():
            shards[-1].close()
            for shard in shards:
                shard.path.rename(
                    f"{str(shard.path)[: -len('.parquet')]}-of-{len(shards):05d}.parquet"
                )
        info = self._dataset.info
        task = "task_categories:\n- image-classification\n" if self._dataset.classes else ""
        text = _README.format(
            name=self._dataset.name, description=info.description,
            licence=info.redistribution_info.license or "That of each source.",
            citation=info.citation or "", task=task, split=next(iter(self._shards), "train"),
        )  # fmt: skip
        (self._root / "README.md").write_text(text, encoding="utf-8")


class _Shard:
    """One Parquet file, written row group by row group."""

    def __init__(self, path: Path, arrow: pa.Schema) -> None:
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.bytes = path, 0
        self._schema = arrow
        self._rows: list[dict[str, Any]] = []
        self._writer = pq.ParquetWriter(path, arrow)

    def add(self, row: dict[str, Any], size: int) -> None:
        self._rows.append(row)
        self.bytes += size
        if len(self._rows) == _ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


def arrow_schema(dataset: Prepared) -> pa.Schema:
    """Returns the columns of the files, with the types of `datasets` in the metadata."""
    import pyarrow as pa

    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [pa.field(c.name, _arrow_type(c)) for c in dataset.columns]
    features = {c.name: _feature(dataset, c) for c in dataset.columns}
    described = {"info": {"features": {"image": {"_type": "Image"}, **features}}}
    return pa.schema([pa.field("image", image), *fields], {"huggingface": json.dumps(described)})


def _arrow_type(column: schema.Column) -> pa.DataType:
    import pyarrow as pa

    types = {"class": pa.int64(), "texts": pa.list_(pa.string())}
    return types.get(column.kind) or pa.type_for_alias(_TYPES.get(column.kind, "string"))


def _feature(dataset: Prepared, column: schema.Column) -> dict[str, Any]:
    if column.kind == "class":
        return {"names": list(dataset.info.features[column.name].names), "_type": "ClassLabel"}
    text = {"dtype": _TYPES.get(column.kind, "string"), "_type": "Value"}
    return {"feature": text, "_type": "Sequence"} if column.kind == "texts" else text
