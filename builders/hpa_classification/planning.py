"""From the rows of the sources to the plan: labels, duplicates, folds, splits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from cytoimagenet_tfds.builders.hpa_classification import duplicates, folds, layout
from cytoimagenet_tfds.builders.hpa_classification.fields import EXTERNAL, UNLABELLED, Reader
from cytoimagenet_tfds.builders.hpa_classification.rules import Rules

TEST, VALIDATION, TRAIN = "test", "validation", "train"
_FOLD_SPLITS = {0: TEST, 1: VALIDATION}


def plan(
    rows: pd.DataFrame,
    readers: Iterable[Reader],
    roots: Mapping[str, str],
    shared: frozenset[str] | None,
    rules: Rules,
) -> pd.DataFrame:
    """Returns the plan of the dataset.

    Args:
      rows: the row tables of all sources, one row per image.
      readers: those that read them.
      roots: dir_name -> folder.
      shared: ids of the competition of 2021, None where its table is not there.
      rules: what decides.

    Returns:
      The rows with the columns of a plan, those of `HpaLayout.extra` and `duplicate_of`, the id of
      the first image that shows the same ('' for none). An image of release 18 that is also a
      labelled one of the competition is left out.
    """
    rows = rows.assign(id=rows["field"].str.partition("/")[2])
    structures: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    for reader in readers:
        structures |= reader.structures
        links += sorted(reader.copies.items())
    rows["structures"] = rows["id"].map(structures).astype("str")
    rows["duplicate_of"] = _first_of_cluster(rows, links, roots, rules)
    rows = rows[rows["excluded"] == ""]
    rows = rows[~_copies_of_labelled(rows)].reset_index(drop=True)
    rows["fold"] = _folds(rows, rules)
    rows["split"] = _splits(rows)
    rows["structures"] = rows["structures"].where(rows["structures"] != UNLABELLED, "")
    rows["in_hpa_2021"] = _in_2021(rows, shared)
    return rows.assign(label="", category="", folder="", crops=0).astype({
        "label": "str", "category": "str", "folder": "str", "split": "str", "crops": "int32",
    })  # fmt: skip


def targets(structures: Iterable[str]) -> np.ndarray:
    """Returns [N, 28] uint8 for cells of structure numbers ('0 16')."""
    return np.array(
        [layout.multi_hot([int(n) for n in cell.split()]) for cell in structures], dtype=np.uint8
    ).reshape(-1, len(layout.STRUCTURES))


def _first_of_cluster(
    rows: pd.DataFrame, links: list[tuple[str, str]], roots: Mapping[str, str], rules: Rules
) -> pd.Series:
    if rules.duplicates == "similar":
        by_key = dict(zip(rows["key"], rows["id"], strict=True))
        hashes = duplicates.hash_rows(rows, roots)
        links = links + duplicates.similar({by_key[key]: value for key, value in hashes.items()})
    first = duplicates.clusters(rows["id"].tolist(), links)
    return pd.Series([first.get(name, "") for name in rows["id"]], rows.index, dtype="str")


def _copies_of_labelled(rows: pd.DataFrame) -> pd.Series:
    own = rows["dir_name"] != EXTERNAL
    labelled = rows[own & (rows["structures"] != UNLABELLED) & (rows["duplicate_of"] != "")]
    copies: pd.Series = ~own & rows["duplicate_of"].isin(set(labelled["duplicate_of"]))
    return copies


def _folds(rows: pd.DataFrame, rules: Rules) -> np.ndarray:
    divided = ((rows["dir_name"] != EXTERNAL) & (rows["structures"] != UNLABELLED)).to_numpy()
    result = np.full(len(rows), -1, dtype=np.int64)
    chosen = rows[divided]
    groups = chosen["duplicate_of"].where(chosen["duplicate_of"] != "", chosen["id"])
    result[divided] = folds.assign(
        targets(chosen["structures"]), groups.tolist(), rules.folds, rules.seed
    )
    return result


def _splits(rows: pd.DataFrame) -> list[str]:
    pairs = zip(rows["fold"], rows["structures"], strict=True)
    return [
        UNLABELLED if structures == UNLABELLED else _FOLD_SPLITS.get(int(fold), TRAIN)
        for fold, structures in pairs
    ]


def _in_2021(rows: pd.DataFrame, shared: frozenset[str] | None) -> np.ndarray:
    if shared is None:
        return np.full(len(rows), -1, dtype=np.int64)
    return rows["id"].isin(list(shared)).to_numpy().astype(np.int64)
