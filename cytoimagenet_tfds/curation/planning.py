"""The plan: which rows become which class, how many crops each gives, and its split."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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
    curation = Curation(rows, config)
    found = assign.assign(curation.index, config)
    return curation.finish(select.classes(found, curation.index, config))


class Curation:
    """A row table checked and indexed, and what makes a plan of an assignment of its rows.

    Attributes:
      index: the labels of the rows that take part.
      positions: position in the table of each row of the index.
    """

    def __init__(self, rows: pd.DataFrame, config: CurationConfig) -> None:
        self._rows, self._config = rows, config
        self._selection = select.rows(rows, config)
        self._words = vocabulary.chosen(config.vocabulary, config.replacements)
        taking_part = rows.loc[self._selection.taking_part, list(select.NEEDED)]
        categories = config.categories or schema.CATEGORIES
        self.index = index.LabelIndex(taking_part, categories, self._words, config.seed)
        self.positions = np.flatnonzero(self._selection.taking_part)[self.index.order]

    def finish(self, found: Assignment) -> tuple[pd.DataFrame, Summary]:
        """Returns the plan and its summary."""
        table = _table(self._rows, self.positions, found, self._config)
        table = vocabulary.standardize(table, self._words)
        summary = summarize.summarize(table, found, self.index, self._selection, self._config)
        return table, summary


def crops_per_image(class_size: int, config: CurationConfig) -> int:
    """Returns the crops wanted from every image of a class of `class_size` rows."""
    return next((crops for limit, crops in config.crops_per_image if class_size < limit), 1)


def _table(
    rows: pd.DataFrame,
    positions: npt.NDArray[np.int64],
    assignment: Assignment,
    config: CurationConfig,
) -> pd.DataFrame:
    members = [found for _, found in assignment.classes.values()]
    chosen = positions[np.concatenate(members)]
    order = rows["key"].take(chosen).argsort().to_numpy()
    table = rows.take(chosen[order]).reset_index(drop=True)
    number = np.repeat(np.arange(len(members)), [len(found) for found in members])[order]
    for name, values in _class_columns(assignment, config).items():
        table[name] = values.take(number).reset_index(drop=True)
    # A row without a group is a group of its own.
    table["group"] = table["group"].where(table["group"] != "", table["key"])
    table["excluded"] = pd.Series("", index=table.index, dtype="str")
    table["split"] = splits.names(_validation(table, config))
    return table.loc[:, list(schema.names("plan"))]


def _class_columns(assignment: Assignment, config: CurationConfig) -> dict[str, pd.Series]:
    """Returns the columns that are the same for all rows of a class, one value per class."""
    folders = schema.folder_names(assignment.classes)
    classes = assignment.classes.items()
    crops = [crops_per_image(len(members), config) for _, (_, members) in classes]
    return {
        "label": pd.Series([name for name, _ in classes], dtype="str"),
        "category": pd.Series([label.category for _, (label, _) in classes], dtype="str"),
        "folder": pd.Series([folders[name] for name, _ in classes], dtype="str"),
        "crops": pd.Series(crops, dtype="int32"),
    }


def _validation(table: pd.DataFrame, config: CurationConfig) -> npt.NDArray[np.bool_]:
    fraction, seed = config.validation_fraction, config.seed
    if config.split == "paper":
        return splits.by_image(table["label"], table["key"], fraction, seed)
    return splits.by_group(table["label"], table["group"], fraction, seed)
