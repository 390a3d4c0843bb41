"""Counts the summary of a plan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import schema, wording
from cytoimagenet_tfds.curation import splits
from cytoimagenet_tfds.curation.assign import Assignment, Label
from cytoimagenet_tfds.curation.config import CurationConfig
from cytoimagenet_tfds.curation.index import LabelIndex, Rows
from cytoimagenet_tfds.curation.select import Selection
from cytoimagenet_tfds.curation.summary import ClassSummary, Summary


def summarize(
    plan: pd.DataFrame,
    assignment: Assignment,
    index: LabelIndex,
    selection: Selection,
    config: CurationConfig,
) -> Summary:
    """Returns the summary of a plan and of what led to it."""
    classes = _classes(plan, assignment, index)
    return Summary(
        rows=len(selection.taking_part),
        dropped=selection.dropped,
        labels=len(assignment.labels),
        candidates=sum(label.count >= config.min_images for label in assignment.labels),
        classes=classes,
        skipped=tuple(
            (s.label.label, s.label.category, s.label.count, s.unused, s.taken_by)
            for s in assignment.skipped
        ),
        in_two_columns=tuple(
            (label.label, label.category, label.elsewhere)
            for label, _ in assignment.classes.values()
            if label.elsewhere
        ),
        asked_and_absent=_absent(assignment, config),
        images=len(plan),
        licences=_counts(plan["licence"]),
        sources=_counts(plan["dir_name"]),
        missing_channels=int((plan["missing"] != "").sum()),
        one_split=tuple(c.label for c in classes if c.validation in (0, c.images)),
        shared_folders=_shared_folders(assignment),
    )


def _classes(
    plan: pd.DataFrame, assignment: Assignment, index: LabelIndex
) -> tuple[ClassSummary, ...]:
    validation = _counts(plan.loc[plan["split"] == splits.VALIDATION, "label"])
    once = plan[["label", "crops"]].drop_duplicates()
    crops = dict(zip(once["label"].tolist(), once["crops"].tolist(), strict=True))
    pairs = plan[["label", "database"]].drop_duplicates().groupby("label")["database"]
    databases = {str(label): tuple(sorted(names)) for label, names in pairs}
    noise = _noise(assignment, index)
    found = []
    for name, (label, rows) in assignment.classes.items():
        datasets, modalities = _spread(label, index)
        found.append(
            ClassSummary(
                label=name, category=label.category, count=label.count, datasets=datasets,
                modalities=modalities, images=len(rows), validation=validation.get(name, 0),
                crops=crops[name], databases=databases[name], noise=noise[name][0],
                noise_in_category=noise[name][1],
            )
        )  # fmt: skip
    return tuple(found)


def _spread(label: Label, index: LabelIndex) -> tuple[int, int]:
    """Returns the number of datasets and of kinds of microscopy among the rows of a label."""
    rows = index.columns[label.category].rows(label.label)
    kinds = {
        token
        for cell in np.flatnonzero(np.bincount(index.microscopy.codes[rows]))
        for token in schema.split_tokens(index.microscopy.cells[cell])
    }
    return int(np.count_nonzero(np.bincount(index.name.codes[rows]))), len(kinds)


def _noise(assignment: Assignment, index: LabelIndex) -> dict[str, tuple[float, float]]:
    """Returns the share of each class's rows with another label, of any class and of its column."""
    carried: dict[str, npt.NDArray[np.uint16]] = {}
    for label, _ in assignment.classes.values():
        if label.category not in carried:
            carried[label.category] = np.zeros(len(index.order), np.uint16)
        carried[label.category][index.columns[label.category].rows(label.label)] += 1
    return {
        name: (
            _share(np.sum([counts[rows] for counts in carried.values()], axis=0), rows),
            _share(carried[label.category][rows], rows),
        )
        for name, (label, rows) in assignment.classes.items()
    }


def _share(carried: npt.NDArray[np.integer], rows: Rows) -> float:
    # One of the labels a row carries is that of its own class.
    return round(float(np.count_nonzero(carried > 1) / len(rows)), 4)


def _absent(assignment: Assignment, config: CurationConfig) -> dict[str, str]:
    counts = {label.label: label.count for label in assignment.labels}
    skipped = {entry.label.label: entry.unused for entry in assignment.skipped}
    reasons = {}
    for name in config.labels:
        if name in assignment.classes:
            continue
        if name in skipped:
            reasons[name] = f"only {wording.counted(skipped[name], 'unused row')} at its turn"
        elif name in counts:
            reasons[name] = (
                f"{wording.counted(counts[name], 'row')}, fewer than {config.min_images:,}"
            )
        else:
            reasons[name] = "in no row"
    return reasons


def _shared_folders(assignment: Assignment) -> dict[str, str]:
    folders = schema.folder_names(assignment.classes)
    return {name: folder for name, folder in folders.items() if folder != schema.folder_name(name)}


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in sorted(values.value_counts().items())}
