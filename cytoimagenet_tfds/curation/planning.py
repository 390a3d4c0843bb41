"""The plan: which rows become which class, how many crops each gives, and its split."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation import assign, index, select, splits, summarize, vocabulary
from cytoimagenet_tfds.curation.assign import Assignment
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.summary import Summary


def plan(rows: pd.DataFrame, config: CurationConfig) -> pd.DataFrame:
    """Returns the plan of a dataset: one row per image to read, sorted by key.

    Args:
      rows: row tables of all sources in one table, columns `schema.names('rows')`; their order
        means nothing.
      config: the rules.

    Returns:
      The columns `schema.names('plan')`, index 0 to N-1. Label columns are in the vocabulary's
      words.

    Raises:
      TableError: the table lacks columns, has wrong types, missing values or keys that repeat.
      ConfigError: what the config asks for is not in the table, or no label has enough rows.
    """
    return plan_with_summary(rows, config)[0]


def plan_with_summary(rows: pd.DataFrame, config: CurationConfig) -> tuple[pd.DataFrame, Summary]:
    """As `plan`, with the summary that a person reads."""
    chosen = select.rows(rows, config)
    words = vocabulary.chosen(config.vocabulary, config.replacements)
    taking_part = rows.loc[chosen.taking_part, list(select.NEEDED)]
    categories = config.categories or schema.CATEGORIES
    found = index.LabelIndex(taking_part, categories, words, config.seed)
    assignment = select.classes(assign.assign(found, config), found, config)
    positions = np.flatnonzero(chosen.taking_part)[found.order]
    table = _table(rows, positions, assignment, config)
    table = vocabulary.standardize(table, words)
    return table, summarize.summarize(table, assignment, found, chosen, config)


def crops_per_image(class_size: int, config: CurationConfig) -> int:
    """Returns the crops wanted from every image of a class of `class_size` rows."""
    return next((crops for limit, crops in config.crops_per_image if class_size < limit), 1)


def _table(
    rows: pd.DataFrame, positions: np.ndarray, assignment: Assignment, config: CurationConfig
) -> pd.DataFrame:
    classes = assignment.classes.values()
    sizes = [len(members) for _, members in classes]
    columns = {
        "label": [label.label for label, _ in classes],
        "category": [label.category for label, _ in classes],
        "crops": [crops_per_image(size, config) for size in sizes],
    }
    folders = schema.folder_names(columns["label"])
    columns["folder"] = [folders[label] for label in columns["label"]]
    table = rows.iloc[positions[np.concatenate([members for _, members in classes])]]
    added = pd.DataFrame(columns).astype({"label": "str", "category": "str", "folder": "str",
                                          "crops": "int32"})  # fmt: skip
    added = added.loc[np.repeat(np.arange(len(sizes)), sizes)].set_axis(table.index)
    table = table.assign(**{name: added[name] for name in added}, excluded="")
    table = table.sort_values("key", ignore_index=True)
    table["split"] = pd.Series(splits.names(_validation(table, config)), dtype="str")
    return table[list(schema.names("plan"))]


def _validation(table: pd.DataFrame, config: CurationConfig) -> np.ndarray:
    fraction, seed = config.validation_fraction, config.seed
    labels = table["label"].tolist()
    if config.split == "paper":
        return splits.by_image(labels, table["key"].tolist(), fraction, seed)
    return splits.by_group(labels, table["group"].tolist(), fraction, seed)
