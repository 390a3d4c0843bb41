"""Which rows take part, and which classes are kept."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import errors, schema, tables, wording
from cytoimagenet_tfds.curation import assign
from cytoimagenet_tfds.curation.assign import Assignment
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.index import LabelIndex

# What labelling reads of every row.
NEEDED = ("key", "name", "microscopy", *schema.CATEGORIES)


@dataclasses.dataclass(frozen=True)
class Selection:
    """Rows that take part.

    Attributes:
      taking_part: [N] bool.
      dropped: reason -> rows dropped for it; each row under its first reason.
    """

    taking_part: npt.NDArray[np.bool_]
    dropped: dict[str, int]


def rows(table: pd.DataFrame, config: CurationConfig) -> Selection:
    """Checks a row table and returns which of its rows take part."""
    tables.check(table, "rows", "The row table")
    problems = errors.Problems()
    if table.empty:
        problems.add("The row table is empty.")
    _check_names(table, config, problems)
    problems.raise_if_any(errors.ConfigError, "The config does not fit the row table:")
    left = np.ones(len(table), bool)
    dropped: dict[str, int] = {}
    for reason, out in _reasons(table, config).items():
        now = left & out
        if now.any():
            dropped[reason] = int(now.sum())
        left &= ~out
    return Selection(left, dropped)


def _check_names(table: pd.DataFrame, config: CurationConfig, problems: errors.Problems) -> None:
    wanted = {
        "source": ("dir_name", config.sources),
        "licence": ("licence", config.licences),
        "excluded kind of image": ("excluded", config.modalities),
    }
    for what, (column, names) in wanted.items():
        known = set(table[column].unique()) - {""}
        for name in names:
            if name not in known:
                problems.add(errors.unknown_name(f"{what} in the row table called", name, known))


def _reasons(table: pd.DataFrame, config: CurationConfig) -> dict[str, npt.NDArray[np.bool_]]:
    found: dict[str, npt.NDArray[np.bool_]] = {}
    if config.sources:
        found["source not asked for"] = ~table["dir_name"].isin(config.sources).to_numpy()
    if config.licences:
        found["licence not asked for"] = ~table["licence"].isin(config.licences).to_numpy()
    codes, cells = pd.factorize(table["excluded"])
    for number, reason in enumerate(cells):
        if reason and reason not in config.modalities:
            found[str(reason)] = codes == number
    return dict(sorted(found.items()))


def classes(found: Assignment, index: LabelIndex, config: CurationConfig) -> Assignment:
    """Returns the classes that a config keeps; raises ConfigError where none is left."""
    if config.unseen:
        result = assign.unseen(found, index, config)
    elif config.labels:
        result = assign.keep(found, index, config)
    else:
        result = found
    if not result.classes:
        raise errors.ConfigError(_nothing(found, index, config))
    return result


def _nothing(found: Assignment, index: LabelIndex, config: CurationConfig) -> str:
    largest = ", ".join(f"{label.label} ({label.count:,})" for label in found.labels[:-4:-1])
    lines = [
        f"No class is left of {wording.counted(len(index.order), 'row')} with "
        f"{wording.counted(len(found.labels), 'label')}.",
        f"- Largest labels: {largest or 'none'}.",
        f"- A label needs min_images={config.min_images:,} rows; set it lower.",
    ]
    if config.labels:
        lines.append(
            f"- {wording.counted(len(found.classes), 'class was', 'classes were')} found; labels "
            "keeps none of them."
        )
    return "\n".join(lines)
