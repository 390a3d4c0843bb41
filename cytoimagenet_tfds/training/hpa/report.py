"""What a finished run is worth by the rules of the competition: macro F1 on the test split.

Thresholds are chosen on the validation split and scored on the test split. Only the shares of the
training labels, which `by_share` needs, are taken from elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.sources.kaggle import kag_hpa
from cytoimagenet_tfds.training import (
    balance,
    card,
    data,
    multilabel,
    plots,
    predict,
    thresholds,
    writing,
)
from cytoimagenet_tfds.training.hpa import charts, published
from cytoimagenet_tfds.training.run import Run

TEST = "test"
FIRST = 9
EVERY_LABEL = "every label always"
_OURS = "this run, its own test split"
_NOTE = (
    "Scores in percent. Rows marked as published were measured by others on other divisions of the "
    "data: the write-up's own, or the competition's private test images."
)


@dataclasses.dataclass(frozen=True)
class Outputs:
    """Truth and probabilities of one split, [N, C] both."""

    true: npt.NDArray[np.bool_]
    found: npt.NDArray[np.float64]


def write(run: Run) -> dict[str, Any]:
    """Writes tables and charts below the run's folder; returns the test scores.

    Raises:
      ConfigError: the dataset has no test split.
    """
    root, classes = run.folder.root, run.dataset.classes
    if TEST not in run.dataset.builder.info.splits:
        raise errors.ConfigError(f"{run.dataset.name} has no split {TEST!r} to report on.")
    validation = _outputs(run, data.VALIDATION)
    test = _outputs(run, TEST)
    shares = run.counts.classes[data.TRAIN].to_numpy() / run.counts.examples[data.TRAIN]
    ways = choose(validation, test, shares)
    found = {name: multilabel.score_arrays(test.true, test.found, classes, ways[name])
             for name in ways}  # fmt: skip
    for name, scores in found.items():
        table = scores.classes.assign(threshold=ways[name])
        writing.csv(root / "test" / f"labels_{name}.csv", table)
    summary = summarize(test, classes, ways)
    writing.csv(root / "test" / "thresholds.csv", summary)
    _write_comparison(run, summary)
    if plots.available():
        tables = {name: scores.classes for name, scores in found.items()}
        charts.draw_scores(tables, root / "test" / "f1_by_label.png")
        _draw_counts(run)
    best = summary[summary["thresholds"] != EVERY_LABEL]
    best = best[best["labels"] == _all(classes)]
    pairs = zip(best["thresholds"], best["macro_f1"].tolist(), strict=True)
    return {f"test_macro_f1_{way}": score for way, score in pairs}


def choose(
    validation: Outputs, test: Outputs, shares: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    """Returns way to choose thresholds -> threshold of each class, [C].

    Args:
      validation: what thresholds are chosen on.
      test: of it only the probabilities are used, and only by `by_share`.
      shares: of the training images that have each class, [C].
    """
    count = validation.true.shape[1]
    one = thresholds.constant(validation.true, validation.found)
    return {
        "half": np.full(count, 0.5),
        "constant": np.full(count, one),
        "per_label": thresholds.per_class(validation.true, validation.found),
        "by_share": thresholds.by_share(test.found, shares),
    }


def summarize(
    outputs: Outputs, classes: Sequence[str], ways: dict[str, npt.NDArray[np.float64]]
) -> pd.DataFrame:
    """Returns one row per way and set of labels: thresholds, labels, macro and micro F1, mAP.

    The last way says every label of every image: what a network must beat to have learnt anything.
    """
    first = set(kag_hpa.LABELS.structures[:FIRST])
    chosen = [number for number, name in enumerate(classes) if name in first]
    sets = {_all(classes): list(range(len(classes)))}
    if 0 < len(chosen) < len(classes):
        sets[published.FIRST_9] = chosen
    rows = []
    for way, values in {**ways, EVERY_LABEL: np.zeros(len(classes))}.items():
        for labels, columns in sets.items():
            names = [classes[n] for n in columns]
            scores = multilabel.score_arrays(
                outputs.true[:, columns], outputs.found[:, columns], names, values[columns]
            )
            rows.append({
                "thresholds": way, "labels": labels, "macro_f1": scores.macro_f1,
                "micro_f1": scores.micro_f1,
                "mean_average_precision": scores.mean_average_precision,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _all(classes: Sequence[str]) -> str:
    return f"{len(classes)} labels"


def comparison(summary: pd.DataFrame, method: str) -> pd.DataFrame:
    """Returns the published table with the rows of a run below it, macro F1 in percent."""
    own = pd.DataFrame({
        "method": [f"{method}, thresholds: {way}" for way in summary["thresholds"]],
        "labels": summary["labels"],
        "macro_f1": (100 * summary["macro_f1"]).round(2),
        "source": _OURS,
    })  # fmt: skip
    return pd.concat([published.table(), own], ignore_index=True)


def _outputs(run: Run, split: str) -> Outputs:
    table = predict.multilabel(run.network.model, run.dataset, run.recipe, split)
    writing.parquet(run.folder.root / TEST / f"predictions_{split}.parquet", table)
    return Outputs(*multilabel.arrays(table, run.dataset.classes))


def _write_comparison(run: Run, summary: pd.DataFrame) -> None:
    table = comparison(summary, f"{run.recipe.name} on {run.dataset.name}")
    folder = run.folder.root / TEST
    writing.csv(folder / "comparison.csv", table)
    lines = ["# Macro F1 beside published scores", "", _NOTE, "", *card.markdown(table), ""]
    writing.text(folder / "comparison.md", "\n".join(lines))


def _draw_counts(run: Run) -> None:
    counts = run.counts.classes[data.TRAIN].tolist()
    copies = run.dataset.copies
    after = balance.after(run.counts.sets, copies) if copies else []
    table = run.counts.classes[["label", data.TRAIN]].rename(columns={data.TRAIN: "images"})
    writing.csv(
        run.folder.root / "label_counts.csv", table.assign(in_an_epoch=after) if after else table
    )
    title = f"Training images of each label, {run.counts.examples[data.TRAIN]:,} in all"
    charts.draw_counts(
        run.dataset.classes, counts, run.folder.root / "label_counts.png", after=after, title=title
    )
