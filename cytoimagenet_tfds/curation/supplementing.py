"""A second plan: rows that proved unusable are replaced."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.curation import assign, planning
from cytoimagenet_tfds.curation.assign import Assignment
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.summary import Summary


def supplement(
    rows: pd.DataFrame, planned: pd.DataFrame, rejected: Collection[str], config: CurationConfig
) -> tuple[pd.DataFrame, Summary]:
    """Returns a plan without its rejected rows, its classes filled with unused ones.

    Classes short of `config.target` get unused rows that hold their label, at random, in the
    order in which `plan` gives rows to classes. Crops and splits are those of the new classes.

    Args:
      rows: the row tables the plan was made of.
      planned: the plan.
      rejected: keys of rows that cannot be used, as a build reported them.
      config: the rules.

    Returns:
      The new plan and its summary.

    Raises:
      TableError: the plan holds a row or a label that the row tables do not have.
    """
    curation = planning.Curation(rows, config)
    numbers = pd.Series(
        np.arange(len(curation.positions), dtype=np.int32),
        index=rows["key"].take(curation.positions),
    )
    found = {label.label: label for label in assign.labels(curation.index)}
    _check(planned, numbers, found)
    kept = planned[~planned["key"].isin(rejected)]
    members = {
        str(name): np.sort(np.array(numbers.loc[group["key"]], np.int32))
        for name, group in kept.groupby("label")
    }
    turns = sorted(members, key=lambda name: found[name].turn)
    classes = {name: (found[name], members[name]) for name in turns}
    assignment = Assignment(list(found.values()), classes, [])
    refused = np.array(numbers[numbers.index.isin(rejected)], np.int32)
    assign.fill(assignment, curation.index, config, refused)
    return curation.finish(assignment)


def _check(planned: pd.DataFrame, numbers: pd.Series, found: Collection[str]) -> None:
    problems = errors.Problems()
    unknown = planned.loc[~planned["key"].isin(numbers.index), "key"]
    if len(unknown):
        shown = ", ".join(unknown.iloc[:3])
        problems.add(
            f"{wording.counted(len(unknown), 'row of the plan is', 'rows of the plan are')} not in "
            f"the row tables: {shown}"
        )
    for name in sorted(set(planned["label"]) - set(found)):
        problems.add(f"No row of the row tables holds the label {name!r}.")
    problems.raise_if_any(errors.TableError, "The plan does not belong to the row tables:")
