"""One pass over the records of a dataset, images left encoded: what there is of each class."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any

import pandas as pd
import tensorflow_datasets as tfds

from cytoimagenet_tfds.training import data


def count(dataset: data.Dataset) -> data.Counts:
    """Counts images per split, class, category, source and licence among the chosen classes."""
    examples: dict[str, int] = {}
    labels: collections.Counter[tuple[str, int]] = collections.Counter()
    categories: collections.Counter[tuple[int, int]] = collections.Counter()
    licences: collections.Counter[tuple[str, str]] = collections.Counter()
    sets: collections.Counter[tuple[int, ...]] = collections.Counter()
    places = {value: number for number, value in enumerate(dataset.values)}
    for split in (data.TRAIN, data.VALIDATION):
        examples[split] = 0
        for record in _records(dataset, split):
            found = [places[value] for value in _values(record[dataset.target]) if value in places]
            if not found:
                continue
            examples[split] += 1
            labels.update((split, number) for number in found)
            sets.update([tuple(sorted(found))] if split == data.TRAIN else [])
            categories.update((number, int(record.get("category", -1))) for number in found)
            licences[_text(record, "dir_name"), _text(record, "licence")] += 1
    classes = _classes(dataset, labels, categories)
    return data.Counts(examples, classes, _licences(licences), dict(sorted(sets.items())))


def first_labels(dataset: data.Dataset, split: str) -> pd.DataFrame:
    """Returns `key` and `label` of the images of a split; of several labels the first."""
    places = {value: number for number, value in enumerate(dataset.values)}
    keys, labels = [], []
    for record in _records(dataset, split):
        found = [places[value] for value in _values(record[dataset.target]) if value in places]
        if found:
            keys.append(record["key"].decode())
            labels.append(dataset.classes[min(found)])
    return pd.DataFrame({"key": keys, "label": labels}, dtype="str")


def _records(dataset: data.Dataset, split: str) -> Iterable[dict[str, Any]]:
    names = ("key", dataset.target, *dataset.columns)
    if dataset.random_access:
        return data.Records(dataset.builder, split, names)
    wanted = tfds.decode.PartialDecoding(dict.fromkeys(names, True))
    records = dataset.builder.as_dataset(split=split, decoders=wanted, shuffle_files=False)
    return tfds.as_numpy(records)  # type: ignore[no-any-return]


def _values(value: Any) -> list[Any]:
    """Returns the class values of a record: one number, or all of a list, each once."""
    found = value.tolist() if hasattr(value, "tolist") else value
    return list(dict.fromkeys(found)) if isinstance(found, list) else [found]


def _text(record: dict[str, Any], column: str) -> str:
    value = record.get(column, b"unknown")
    return value.decode() if isinstance(value, bytes) else str(value)


def _classes(
    dataset: data.Dataset,
    labels: collections.Counter[tuple[str, int]],
    categories: collections.Counter[tuple[int, int]],
) -> pd.DataFrame:
    names = dataset.category_names()
    most: dict[int, int] = {}
    for (number, category), _ in sorted(categories.items(), key=lambda item: (item[1], item[0])):
        most[number] = category
    numbers = range(len(dataset.classes))
    shown = [names[most.get(n, -1)] if names and most.get(n, -1) >= 0 else "" for n in numbers]
    return pd.DataFrame({
        "label": pd.Series(dataset.classes, dtype="str"),
        "category": pd.Series(shown, dtype="str"),
        data.TRAIN: [labels[data.TRAIN, n] for n in numbers],
        data.VALIDATION: [labels[data.VALIDATION, n] for n in numbers],
    })  # fmt: skip


def _licences(counts: collections.Counter[tuple[str, str]]) -> pd.DataFrame:
    rows = [(source, licence, images) for (source, licence), images in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["source", "licence", "images"])
