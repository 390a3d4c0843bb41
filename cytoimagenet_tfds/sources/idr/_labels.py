"""From the cells of IDR tables to label columns, and from tables to image files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from cytoimagenet_tfds.sources.idr._kinds import Kind
from cytoimagenet_tfds.sources.idr._tables import Metadata

ORGANISMS = {
    "homo sapiens": "human", "mus musculus": "mouse", "saccharomyces cerevisiae": "yeast",
}  # fmt: skip

# Names of structures that CytoImageNet writes in another way.
_STRUCTURES = {
    "endoplasmic reticulum": "er", "golgi apparatus": "golgi", "plasma membrane": "cell membrane",
}  # fmt: skip

# What IDR calls a control, reduced to its role; other texts stay as they are.
_ROLES = {"empty well": "empty", "no reagent": "empty"}

ON_WELLS = ("plate", "well")


def label(
    files: pd.DataFrame, meta: Metadata, kinds: Iterable[Kind], on: Sequence[str] = ON_WELLS
) -> pd.DataFrame:
    """Adds the columns of tables to image files.

    Tables fill in the order given; a later one fills what is still empty, and may be joined on a
    column an earlier one filled (siRNA, compound).

    Args:
      files: one line per image file.
      meta: where the tables lie; its report gets the wells no needed table lists.
      kinds: the tables.
      on: columns of `files` that decide the labels.

    Returns:
      The files with the columns the kinds fill, '' where no table says anything.
    """
    codes = files.groupby(list(on), sort=False).ngroup()
    labels = files.loc[~codes.duplicated(), list(on)].reset_index(drop=True)
    listed = pd.Series(False, index=labels.index)
    told: dict[str, pd.Series] = {}
    absent = []
    for kind in kinds:
        for column in kind.filled:
            if column not in labels:
                labels[column] = pd.Series("", index=labels.index, dtype="str")
        table = meta.read(kind)
        if table is None:
            absent.append(kind)
        else:
            found = _fill(labels, table, kind, told)
            listed |= found & (set(kind.keys) <= set(on))
    _note_gaps(labels, list(on), listed, absent, meta)
    added = labels.drop(columns=list(on)).take(codes.to_numpy()).set_axis(files.index)
    return pd.concat([files.drop(columns=added.columns, errors="ignore"), added], axis=1)


def _fill(
    labels: pd.DataFrame, table: pd.DataFrame, kind: Kind, told: dict[str, pd.Series]
) -> pd.Series:
    """Fills what is empty in `labels`; returns which of its lines the table has.

    `told` says for each column which lines a table listed so far, and is brought up to date.
    """
    keys = list(kind.keys)
    joined = labels[keys].merge(
        table, on=keys, how="left", indicator="_found", validate="many_to_one"
    )
    found = (joined["_found"] == "both") & (labels[keys] != "").all(axis=1)
    for column in kind.filled:
        before = told.get(column, pd.Series(False, index=labels.index))
        open_ = found & ~before if kind.unlisted else found
        labels[column] = labels[column].mask(open_ & (labels[column] == ""), joined[column])
        # A column that is empty throughout, or not there, says nothing about any line.
        told[column] = before | found if (table[column] != "").any() else before
    return found


def _note_gaps(
    labels: pd.DataFrame, on: list[str], listed: pd.Series, absent: list[Kind], meta: Metadata
) -> None:
    """Names the tables that would fill what is empty, and the places no table at hand lists."""
    for kind in absent:
        useless = [c for c in kind.filled if c != "control" and (labels[c] == "").all()]
        if kind.needed and (useless or not listed.all()):
            meta.report.note(
                "missing table",
                f"No table {kind.stem}* lies here, so that {', '.join(kind.filled)} stay empty. "
                f"Put it anywhere below the source's folder; get it from {kind.where}",
            )
    if listed.any() and not listed.all():
        meta.report.note(
            "not in table",
            f"{int((~listed).sum()):,} of {len(listed):,} {' and '.join(on)} with images are in no "
            "table; their labels stay empty.",
            [" ".join(line) for line in labels.loc[~listed, on].to_numpy()],
        )


def controls(values: pd.Series) -> pd.Series:
    """Returns control roles: 'Negative Control' -> 'negative', 'no reagent' -> 'empty'."""
    return mapped(values, lambda text: _ROLES.get(text, re.sub(r" control$", "", text)))


def organisms(values: pd.Series) -> pd.Series:
    """Returns common names: 'Homo sapiens' -> 'human'."""
    return mapped(values, lambda text: ORGANISMS.get(text, text))


def mapped(values: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Applies `change` to each distinct value, lower case."""
    found = {value: change(value.strip().lower()) for value in values.unique()}
    return values.map(found).astype("str")


def structures(values: pd.Series) -> pd.Series:
    """Returns structures by their common names: 'Golgi apparatus, nucleus' -> 'golgi|nucleus'."""
    return mapped(
        values,
        lambda text: "|".join(_STRUCTURES.get(name, name) for name in re.split(r",\s*", text)),
    )


def symbols(values: pd.Series) -> pd.Series:
    """Returns gene symbols; a description, which has blanks, is none."""
    return values.where(~values.str.contains(r"\s"), "")


def numbers(values: pd.Series) -> pd.Series:
    """Returns the number each text begins with: '25 microgram per milliliter' -> 25.0, else NaN."""
    found = {value: _number(value) for value in values.unique()}
    return values.map(found).astype("float64")


def _number(text: str) -> float:
    found = re.match(r"\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)", text)
    return float(found[1]) if found else math.nan


def mark_copies(files: pd.DataFrame, same: Sequence[str], rank: pd.Series) -> None:
    """Excludes as copy every line that is not of the lowest rank among those of one image.

    Args:
      files: changed in place: `excluded`.
      same: columns that are equal for all copies of one image.
      rank: 0 for the version preferred, higher for others.
    """
    best = rank.groupby([files[column] for column in same]).transform("min")
    files["excluded"] = (rank > best).map({True: "copy", False: ""}).astype("str")


def newest_first(deliveries: pd.Series) -> pd.Series:
    """Ranks deliveries, called by their date: 0 for the latest of all, the highest for none."""
    order = sorted(deliveries.unique(), reverse=True)
    return deliveries.map({delivery: rank for rank, delivery in enumerate(order)})


def unit(values: pd.Series, name: str) -> pd.Series:
    """Returns `name` where a number is known, else ''."""
    return values.notna().map({True: name, False: ""}).astype("str")
