"""Choices among classes: the lists of the reference, and classes far from all others."""

from __future__ import annotations

import csv
import functools
from importlib import resources

import pandas as pd

from cytoimagenet_tfds import errors, wording


@functools.cache
def _lists() -> dict[str, tuple[str, ...]]:
    text = resources.files(__package__).joinpath("lists.tsv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        found.setdefault(line["list"], []).append(line["label"])
    return {name: tuple(labels) for name, labels in found.items()}


def names() -> tuple[str, ...]:
    """Returns the names of the lists, sorted."""
    return tuple(sorted(_lists()))


def labels(name: str) -> tuple[str, ...]:
    """Returns the labels of a list of the reference, for `CurationConfig.labels`.

    `toy_20` and `toy_50` are its small subsets, `unseen_20` the classes below the threshold that it
    showed as unseen.
    """
    if name not in _lists():
        raise errors.ConfigError(errors.unknown_name("list of labels", name, _lists()))
    return _lists()[name]


def distant(
    distances: pd.DataFrame, minimum: float = 0.8, column: str = "between"
) -> tuple[str, ...]:
    """Returns the classes whose mean distance to all other classes is above a minimum, sorted.

    Args:
      distances: one row per class: `label`, and its mean cosine distance to other classes.
      minimum: above which a class is kept; the reference's subset of 552 classes used 0.8.
      column: the column of the distances.

    Raises:
      TableError: the table lacks a column, holds a label twice or a distance that is no number.
    """
    problems = errors.Problems()
    for name in ("label", column):
        if name not in distances:
            problems.add(
                f"The column {name!r} is missing; there are {', '.join(map(str, distances))}."
            )
    problems.raise_if_any(errors.TableError, "The table of class distances is not valid:")
    if distances["label"].duplicated().any():
        twice = sorted(distances.loc[distances["label"].duplicated(), "label"].astype(str).unique())
        problems.add(f"Labels that stand more than once: {', '.join(twice[:3])}.")
    values = pd.to_numeric(distances[column], errors="coerce")
    if values.isna().any():
        problems.add(
            f"{column!r}: {wording.counted(int(values.isna().sum()), 'value is', 'values are')} no "
            "number."
        )
    problems.raise_if_any(errors.TableError, "The table of class distances is not valid:")
    return tuple(sorted(distances.loc[values > minimum, "label"].astype(str)))
