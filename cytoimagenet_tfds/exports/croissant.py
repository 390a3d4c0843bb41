"""A Croissant description (JSON-LD, https://docs.mlcommons.org/croissant) of a prepared dataset.

Croissant reads Parquet but no TFRecord, so the records come from the metadata file; the shards are
listed as what they are. `key` of a record is that of the example in the shards.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import errors, licences, schema, wording
from cytoimagenet_tfds.exports import metadata

if TYPE_CHECKING:
    from cytoimagenet_tfds.prepared import Prepared

_METADATA, _SHARDS, _IMAGES, _CLASSES, _SPLITS = "metadata", "shards", "images", "classes", "splits"
_TYPES = {"int": "INT32", "float": "FLOAT32", "bool": "BOOL"}
_OWN_TYPES = {"string": "TEXT", "int32": "INT32"}
_BLOCK = 1 << 20


def text(
    dataset: Prepared, metadata_file: epath.Path, folder: epath.Path, found: Iterable[str]
) -> str:
    """Returns the description as JSON text, the same for the same dataset.

    Args:
      dataset: the dataset.
      metadata_file: what `metadata.Writer` wrote.
      folder: where the description will lie: it names the metadata file relative to it.
      found: the licences of its images, SPDX identifiers or 'unknown'.

    Raises:
      ConfigError: mlcroissant finds the description wrong.
    """
    import mlcroissant as mlc

    info = dataset.info
    try:
        described = mlc.Metadata(
            name=dataset.name.replace("/", "-"),
            description=info.description,
            cite_as=info.citation or None,
            license=_licence(info.redistribution_info.license or "", found) or None,
            url=info.homepage or None,
            version=str(info.version),
            distribution=_distribution(dataset, metadata_file, folder),
            record_sets=_record_sets(dataset),
        )
    except mlc.ValidationError as error:
        raise errors.ConfigError(
            f"The Croissant description of {dataset.name} is not valid: {error}"
        ) from error
    return json.dumps(_without_date(described.to_json()), indent=2) + "\n"


def _licence(said: str, found: Iterable[str]) -> list[str]:
    """Returns the pages of the licences, and what the dataset says where one has no page."""
    pages = [licences.terms(licence).url for licence in sorted(set(found))]
    return [*filter(None, pages), *([said] if said and not all(pages) else [])]


def _without_date(description: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in description.items() if not name.startswith("date")}


def _distribution(dataset: Prepared, metadata_file: epath.Path, folder: epath.Path) -> list[Any]:
    import mlcroissant as mlc

    file_format = dataset.info.file_format.value
    shards = [path for one in dataset.info.splits.values() for path in one.filenames]
    return [
        mlc.FileObject(
            id=_METADATA, name=metadata_file.name,
            description="All columns of all examples, without pixels.",
            content_url=_relative(metadata_file, folder),
            content_size=f"{metadata_file.stat().length} B",
            encoding_formats=["application/x-parquet"], sha256=_sha256(metadata_file),
        ),
        mlc.FileSet(
            id=_SHARDS, name=_SHARDS,
            description=(
                f"{wording.counted(len(shards), 'shard')} with the images, in the format "
                f"{file_format} of TensorFlow Datasets: read them with "
                "tfds.builder_from_directory. The "
                f"{wording.counted(dataset.info.splits.total_num_examples, 'record')}, each a "
                "tf.train.Example message."
            ),
            encoding_formats=["application/octet-stream"],
            includes=sorted(os.path.basename(path) for path in shards),
        ),
    ]  # fmt: skip


def _relative(path: epath.Path, folder: epath.Path) -> str:
    inside = os.fspath(path.parent) == os.fspath(folder)
    return str(path.name) if inside else os.fspath(path)


def _sha256(path: epath.Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _record_sets(dataset: Prepared) -> list[Any]:
    import mlcroissant as mlc

    columns = [_image_field(dataset, column) for column in dataset.columns]
    own = [_field(name, _OWN_TYPES[kind], doc, repeated=False) for name, kind, doc in metadata.OWN]
    images = mlc.RecordSet(
        id=_IMAGES, name=_IMAGES, key=[f"{_IMAGES}/key"],
        description="One record per image; `key` is also that of the example in the shards.",
        fields=[*columns, *own],
    )  # fmt: skip
    splits = [{f"{_SPLITS}/name": name} for name in dataset.splits]
    sets = [images, _enumeration(_SPLITS, "The splits.", {"name": "TEXT"}, splits)]
    if dataset.classes:
        data = [
            {f"{_CLASSES}/name": name, f"{_CLASSES}/number": number}
            for number, name in enumerate(dataset.classes)
        ]
        what = "The classes with their numbers in the shards."
        kinds = {"name": "TEXT", "number": "INT32"}
        sets.append(_enumeration(_CLASSES, what, kinds, data))
    return sets


def _image_field(dataset: Prepared, column: schema.Column) -> Any:
    kind = _TYPES.get(column.kind, "TEXT")
    return _field(column.name, kind, column.doc, repeated=dataset.is_list(column))


def _field(name: str, kind: str, doc: str, *, repeated: bool) -> Any:
    import mlcroissant as mlc

    source = mlc.Source(file_object=_METADATA, extract=mlc.Extract(column=name))
    return mlc.Field(
        id=f"{_IMAGES}/{name}", name=name, description=doc,
        data_types=[getattr(mlc.DataType, kind)], repeated=repeated or None, source=source,
    )  # fmt: skip


def _enumeration(name: str, doc: str, kinds: dict[str, str], data: list[dict[str, Any]]) -> Any:
    import mlcroissant as mlc

    fields = [
        mlc.Field(
            id=f"{name}/{field}", name=field, description=f"The {field}.",
            data_types=[getattr(mlc.DataType, kind)],
        )
        for field, kind in kinds.items()
    ]  # fmt: skip
    return mlc.RecordSet(
        id=name, name=name, description=doc, key=[f"{name}/name"],
        fields=fields, data=data,
    )  # fmt: skip
