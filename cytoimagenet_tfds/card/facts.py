"""Everything the page shows, as JSON types."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, licences, schema, sources
from cytoimagenet_tfds.card import build_facts

if TYPE_CHECKING:
    from cytoimagenet_tfds.card.tally import Tally
    from cytoimagenet_tfds.prepared import Prepared

_ORDER = {"train": 0, "validation": 1}  # other splits follow by name


def collect(dataset: Prepared, tally: Tally, seed: int) -> dict[str, Any]:
    """Returns the facts of a dataset.

    Args:
      dataset: the dataset.
      tally: its counts, complete.
      seed: that of the thumbnails.
    """
    info, metadata = dataset.info, dataset.metadata
    splits = sorted(dataset.splits, key=lambda name: (_ORDER.get(name, 2), name))
    return {
        "name": dataset.name,
        "config": _config_text(dataset),
        "description": info.description or "",
        "homepage": _web(info.homepage or ""),
        "licence": info.redistribution_info.license or "",
        "citation": info.citation or "",
        "load": build_facts.load(dataset),
        "images": tally.images,
        "bytes": sum(int(info.splits[name].num_bytes) for name in splits),
        "splits": [[name, dataset.splits[name]] for name in splits],
        "sides": tally.side_quantiles(),
        "scalings": _pairs({f"{k:g}": v for k, v in tally.crops.items()}),
        "whole": tally.whole,
        "microscopy": _pairs(tally.microscopy),
        "classes": _classes(dataset.classes, tally, splits),
        "categories": _by_category(tally),
        "databases": _by_database(tally),
        "sources": sources_of(tally),
        "licences": _licences(tally),
        "leakage": _leakage(tally, splits, metadata),
        "quality": build_facts.quality(dataset),
        "made": build_facts.made(dataset, seed),
        "rules": metadata.get("curation", {}),
        "columns": [[column.name, column.doc] for column in dataset.columns],
        "seed": seed,
    }


def _config_text(dataset: Prepared) -> str:
    config = getattr(dataset.builder, "builder_config", None)
    return str(getattr(config, "description", None) or "")


def _web(url: str) -> str:
    """Returns the address if a page may link to it."""
    return url if url.startswith(("https://", "http://")) else ""


def _pairs(counts: dict[Any, int]) -> list[list[Any]]:
    """Returns name and count, the most first."""
    return [list(pair) for pair in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def _classes(names: Sequence[str], tally: Tally, splits: Sequence[str]) -> list[dict[str, Any]]:
    origins: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    free: collections.Counter[str] = collections.Counter()
    for (label, source, licence), count in tally.origins.items():
        origins[label][source] += count
        free[label] += count if licences.terms(licence).commercial == "yes" else 0
    return [
        {
            "label": label,
            "category": tally.categories.get(label, ""),
            "images": sum(tally.labels[label, split] for split in splits),
            "splits": [tally.labels[label, split] for split in splits],
            "sources": _pairs(origins[label]),
            "free": free[label],
        }
        for label in names
    ]


def _by_category(tally: Tally) -> list[dict[str, Any]]:
    classes = collections.Counter(filter(None, tally.categories.values()))
    images: collections.Counter[str] = collections.Counter()
    for (label, _), count in tally.labels.items():
        images[tally.categories[label]] += count
    # Every column a class may come from is shown, those without classes too.
    names = sorted(schema.CATEGORIES, key=lambda name: (-classes[name], name))
    return [{"name": n, "classes": classes[n], "images": images[n]} for n in names if classes]


def _by_database(tally: Tally) -> list[dict[str, Any]]:
    images: collections.Counter[str] = collections.Counter()
    classes: dict[str, set[str]] = collections.defaultdict(set)
    for (label, database), count in tally.databases.items():
        images[database] += count
        classes[database].update([label] if label else [])
    return [
        {"name": name, "classes": len(classes[name]), "images": count}
        for name, count in _pairs(images)
    ]


def sources_of(tally: Tally) -> list[dict[str, Any]]:
    """Returns one entry per source and licence, the most images first."""
    classes: dict[str, set[str]] = collections.defaultdict(set)
    for label, source, _ in tally.origins:
        classes[source].update([label] if label else [])
    return [
        {
            "dir_name": name, "name": tally.names[name][0], "database": tally.names[name][1],
            "licence": licence, "images": count, "classes": len(classes[name]), **_pages(name),
        }
        for (name, licence), count in _pairs(tally.sources)
    ]  # fmt: skip


def _pages(dir_name: str) -> dict[str, str]:
    with contextlib.suppress(errors.ConfigError):  # a source of the sample has no declaration here
        source = sources.get(dir_name)
        return {
            "homepage": _web(source.homepage),
            "licence_page": _web(source.licence_page),
            "citation": source.citation,
        }
    return {"homepage": "", "licence_page": "", "citation": ""}


def _licences(tally: Tally) -> list[dict[str, Any]]:
    images: collections.Counter[str] = collections.Counter()
    names: dict[str, list[str]] = collections.defaultdict(list)
    for (source, licence), count in sorted(tally.sources.items()):
        images[licence] += count
        names[licence].append(source)
    return [
        {
            "licence": licence, "images": count, "sources": names[licence],
            "commercial": licences.terms(licence).commercial,
            "conditions": licences.terms(licence).conditions, "url": licences.terms(licence).url,
        }
        for licence, count in _pairs(images)
    ]  # fmt: skip


def _leakage(tally: Tally, splits: Iterable[str], metadata: dict[str, Any]) -> dict[str, Any]:
    groups, divided = tally.groups
    rule = metadata.get("curation", {}).get("split", "")
    return {"groups": groups, "divided": divided, "rule": rule, "several": len(list(splits)) > 1}
