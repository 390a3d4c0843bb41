"""A plan as a file: written with its config and summary, read back and checked whole."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import errors, hashing, schema, tables, wording
from cytoimagenet_tfds.curation import splits
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.summary import Summary

_CONFIG, _SUMMARY, _HASH = "curation_config", "curation_summary", "plan_hash"
_MAX_CROPS = 4
_SHOWN = 3
_SLICE = 1 << 18  # rows hashed at a time
_BETWEEN = "\x1f"  # stands in no label


@dataclasses.dataclass(frozen=True)
class PlanFile:
    """A plan with what is known about how it was made.

    Attributes:
      table: the plan.
      config: the rules it was made by, None where the file does not say.
      summary: its summary, None where the file does not say.
      edited: True where the table is not the one the summary was made of.
    """

    table: pd.DataFrame
    config: CurationConfig | None
    summary: Summary | None
    edited: bool


def write_plan(
    path: str | os.PathLike[str],
    table: pd.DataFrame,
    config: CurationConfig,
    summary: Summary | None = None,
) -> None:
    """Writes a plan as Parquet; its config, its summary and a hash of its rows in the metadata."""
    metadata = {_CONFIG: config.to_json(), _HASH: digest(table)}
    if summary is not None:
        metadata[_SUMMARY] = summary.to_json()
    tables.write(table, path, "plan", metadata)


def read_plan(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Reads a plan, made by `write_plan` or edited since, and checks all of it.

    Raises:
      TableError: the file is no plan a build could use; all problems at once.
    """
    return read_plan_file(path).table


def read_plan_file(path: str | os.PathLike[str]) -> PlanFile:
    """As `read_plan`, with the config and the summary stored in the file."""
    table, metadata = tables.read_with_metadata(path, "plan")
    config = CurationConfig.from_json(metadata[_CONFIG]) if _CONFIG in metadata else None
    summary = Summary.from_json(metadata[_SUMMARY]) if _SUMMARY in metadata else None
    check_plan(table, config, str(path))
    # Sorted, because a build must not depend on the order in which a plan was edited.
    table = table.sort_values("key", ignore_index=True)
    return PlanFile(table, config, summary, metadata.get(_HASH) != digest(table))


def digest(table: pd.DataFrame) -> str:
    """Returns a hash of a plan's rows, whatever their order."""
    # In slices, as hashing makes an object of every text.
    parts = (table.iloc[start : start + _SLICE] for start in range(0, len(table), _SLICE))
    return digest_of(parts, table["key"].array.argsort())


def digest_of(parts: Iterable[pd.DataFrame], order: npt.NDArray[Any]) -> str:
    """As `digest`, of consecutive rows of a plan and the order of all its keys."""
    rows = np.concatenate([np.zeros(0, np.uint64), *map(_row_hashes, parts)])[order]
    return hashing.hex_digest("plan", len(rows), rows.tobytes().hex())


def digest_in_order(parts: Iterable[pd.DataFrame], count: int) -> str:
    """As `digest_of`, of `count` rows that are in the order of their keys already."""
    hashes = (_row_hashes(part).tobytes().hex() for part in parts)
    return hashing.hex_digest_of(["plan", count], hashes)


def _row_hashes(part: pd.DataFrame) -> npt.NDArray[Any]:
    names = list(schema.names("plan"))
    found: npt.NDArray[Any] = pd.util.hash_pandas_object(part[names], index=False).to_numpy()
    return found


def check_plan(table: pd.DataFrame, config: CurationConfig | None, where: str) -> None:
    """Raises TableError with every reason why a build could not use a plan."""
    tables.check(table, "plan", where)
    problems = errors.Problems()
    if table.empty:
        problems.add("The plan has no row.")
    _check_labels(table, problems)
    _check_folders(table, problems)
    _report(table, ~table["split"].isin([splits.TRAIN, splits.VALIDATION]), problems,
            "a split that is neither train nor validation")  # fmt: skip
    _report(table, ~table["crops"].between(0, _MAX_CROPS), problems,
            f"a number of crops outside 0 to {_MAX_CROPS}")  # fmt: skip
    _report(table, table["excluded"] != "", problems,
            "a reason in `excluded`; empty the cell to use them")  # fmt: skip
    if config is None or config.split == "group":
        divided = table.groupby("group")["split"].transform("nunique") > 1
        _report(table, divided, problems, "a group that stands in both splits")
    problems.raise_if_any(errors.TableError, f"{where} is no plan for a build:")


def _check_labels(table: pd.DataFrame, problems: errors.Problems) -> None:
    unknown = ~table["category"].isin(schema.CATEGORIES)
    for name in sorted(table.loc[unknown, "category"].unique()):
        problems.add(errors.unknown_name("category", name, schema.CATEGORIES))
    _report(table, table["label"] == "", problems, "no label")
    places = table.loc[~unknown, ["label", "category"]].drop_duplicates()
    twice = places.loc[places["label"].duplicated(), "label"]
    for name in sorted(twice.unique()):
        problems.add(f"The label {name!r} stands under more than one category.")
    absent = pd.Series(False, index=table.index)
    for category in schema.CATEGORIES:
        own = (table["category"] == category) & (table["label"] != "")
        pairs = table.loc[own, ["label", category]].drop_duplicates()
        wrong = [
            label not in schema.split_tokens(cell)
            for label, cell in zip(pairs["label"], pairs[category], strict=True)
        ]
        bad = (pairs["label"] + _BETWEEN + pairs[category])[wrong]
        absent[own] = (table["label"] + _BETWEEN + table[category])[own].isin(bad)
    _report(table, absent, problems, "a label that is not in the column of its category; "
            "write it there, too")  # fmt: skip


def _check_folders(table: pd.DataFrame, problems: errors.Problems) -> None:
    pairs = table[["label", "folder"]].drop_duplicates()
    several = sorted(pairs.loc[pairs["label"].duplicated(), "label"].unique())
    shared = sorted(pairs.loc[pairs["folder"].duplicated(), "folder"].unique())
    for name in several:
        problems.add(f"The label {name!r} has more than one folder.")
    for name in shared:
        problems.add(f"The folder {name!r} belongs to more than one label.")


def _report(table: pd.DataFrame, wrong: pd.Series, problems: errors.Problems, what: str) -> None:
    if wrong.any():
        shown = ", ".join(sorted(table.loc[wrong, "key"])[:_SHOWN])
        problems.add(f"{wording.counted(int(wrong.sum()), 'row has', 'rows have')} {what}: {shown}")
